// How the verdict was: one bar an hour, a quarter of a day or a day, for 24 hours, 7, 30 and 90 days.
import type {JSX} from 'preact'
import {address, get, type Answer} from '../../api/client'
import {serverNow} from '../../api/clock'
import {componentsAt} from '../../api/console'
import {useLive} from '../../api/live'
import {duration, percent, secondsOf, time} from '../../parts/format'
import {Legend} from '../../parts/small'
import {Empty, Loaded} from '../../parts/state'

type Answered = Answer<'/api/sentinel/uptime'>
type Period = Answered['uptime'][string]
type Bar = Period['bars'][number]

const periods = [['24h', 'last 24 hours'], ['7d', 'last 7 days'], ['30d', 'last 30 days'], ['90d', 'last 90 days']] as const

export function Uptime({component}: {component: string | undefined}): JSX.Element {
  const live = useLive('uptime ' + component, 30, signal => get('/api/sentinel/uptime', {query: {component}, signal}))
  return (
    <>
      <h2>How it was</h2>
      <Loaded of={live}>
        {answer => (
          <>
            {periods.map(([name, title]) => {
              const period = answer.uptime[name]
              return period && <PeriodBars key={name} title={title} of={period} />
            })}
            <Legend of={[{title: 'ok', fill: 'ok'}, {title: 'degraded', fill: 'danger'}, {title: 'unknown', fill: 'unknown'}, {title: 'not watched', fill: 'line'}]} />
            <Badges component={component} />
          </>
        )}
      </Loaded>
    </>
  )
}

const height = 26, gap = 2

function PeriodBars({title, of: p}: {title: string; of: Period}): JSX.Element {
  if (p.bars.length === 0) return <Empty>Nothing is known of the {title}.</Empty>
  const width = 100 / p.bars.length
  return (
    <section>
      <h3>
        {title}: {p.share_ok === null ? 'no verdict' : `ok for ${percent(p.share_ok)}`}
        {p.maintenance_seconds > 0 && <span class="quiet"> ({percent(p.share_ok_adjusted)} without {duration(p.maintenance_seconds)} of maintenance)</span>}
      </h3>
      <svg class="bars" width="100%" height={height} role="img" aria-label={`${title}: ${p.bars.map(said).join('; ')}`} preserveAspectRatio="none" viewBox={`0 0 100 ${height}`}>
        {p.bars.map((b, i) => (
          <g key={b.from} transform={`translate(${i * width} 0)`}>
            <title>{said(b)}</title>
            <rect class="ground" width={width - (gap * width) / 10} height={height} />
            <Stack of={b} width={width - (gap * width) / 10} />
          </g>
        ))}
      </svg>
    </section>
  )
}

// Seconds of each state above each other; what was not watched is at the top.
function Stack({of: b, width}: {of: Bar; width: number}): JSX.Element {
  const s = b.seconds, all = Math.max(1, (s.ok ?? 0) + (s.degraded ?? 0) + (s.unknown ?? 0) + (s.starting ?? 0) + b.unwatched_seconds)
  let below = height
  const part = (fill: string, seconds: number) => {
    const tall = (seconds / all) * height
    below -= tall
    return tall > 0 && <rect key={fill} class={'fill-' + fill} width={width} y={below} height={fill === 'danger' ? Math.max(tall, 3) : tall} />
  }
  return <>{[part('ok', s.ok ?? 0), part('unknown', s.unknown ?? 0), part('line', (s.starting ?? 0) + b.unwatched_seconds), part('danger', s.degraded ?? 0)]}</>
}

function said(b: Bar): string {
  const now = serverNow(), parts = Object.entries(b.seconds).filter(([, n]) => (n ?? 0) > 0).map(([state, n]) => `${state} ${duration(n)}`)
  if (b.unwatched_seconds > 1) parts.push(`not watched ${duration(b.unwatched_seconds)}`)
  if (b.maintenance_seconds > 0) parts.push(`maintenance ${duration(b.maintenance_seconds)}`)
  return `${time(secondsOf(b.from), now)}: ${parts.join(', ') || 'nothing known'}`
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
