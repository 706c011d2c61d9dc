// How the verdict was, and badges that say so elsewhere.
import type {JSX} from 'preact'
import {get} from '../../api/client'
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
            <Badges />
          </>
        )}
      </Loaded>
    </>
  )
}

function Badges(): JSX.Element {
  return (
    <p class="quiet">
      Badges for a README or a wiki:{' '}
      {['state', '24h', '30d'].map(show => (
        <a key={show} href={`./api/sentinel/badge.svg?show=${show}`}><img src={`./api/sentinel/badge.svg?show=${show}`} alt={`badge: ${show}`} /></a>
      ))}
    </p>
  )
}
