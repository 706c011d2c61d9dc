// How the verdict was, and badges that say so elsewhere.
import type {JSX} from 'preact'
import {address, get} from '../../api/client'
import {componentsAt} from '../../api/console'
import {useLive} from '../../api/live'
import {Loaded} from '../../parts/state'
import {UptimeBars} from '../../parts/uptime'

export function Uptime({component}: {component: string | undefined}): JSX.Element {
  const live = useLive('uptime ' + component, 30, signal => get('/api/sentinel/uptime', {query: {component}, signal}))
  return (
    <>
      <h2>How it was</h2>
      <Loaded of={live}>
        {answer => (
          <>
            <UptimeBars of={answer.uptime} />
            <Badges component={component} />
          </>
        )}
      </Loaded>
    </>
  )
}

function Badges({component}: {component: string | undefined}): JSX.Element {
  // Only one of several must be named: a badge outlives the name of a component.
  const named = componentsAt('/api/sentinel/badge.svg').length > 1 ? component : undefined
  const badge = (show: string): string => address('/api/sentinel/badge.svg', {query: {show, component: named}})
  return (
    <p class="quiet">
      Badges for a README or a wiki:{' '}
      {['state', '24h', '30d'].map(show => (
        <a key={show} href={badge(show)}><img src={badge(show)} alt={`badge: ${show}`} /></a>
      ))}
    </p>
  )
}
