import {get, type Answer} from '../../api/client'
import {serverNow} from '../../api/clock'
import {componentsAt} from '../../api/console'
import {useLive, type Again} from '../../api/live'
import {asked, chosen} from '../../app/range'
import {link} from '../../app/router'
import type {Bar} from '../../parts/lanes'
import {secondsOf, time} from '../../parts/format'
import {differ} from '../changes/component'
import type {Item} from './attention'
import {latest} from './sampler'

type Causes = Answer<'/api/causes'>
type Cause = Causes['causes'][number]

export function useChanges(): {there: boolean; live: Again<unknown>; bars: Bar[]; attention: Item[]} {
  const component = differ(), there = componentsAt('/api/causes').length > 0
  const {span, from, to} = chosen.value
  const live = useLive(`causes ${component} ${there} ${span ?? `${from} ${to}`}`, there ? 10 : 0, async signal => {
    if (!there) return undefined
    return await get('/api/causes', {query: {component, ...asked()}, signal})
  })
  const causes = latest(live)?.causes ?? []
  const now = serverNow()
  return {
    there,
    live,
    bars: causes.filter(c => c.confirmed).map(c => barOf(c, now)),
    attention: causes.filter(c => c.confirmed && c.ended === null && c.current).map(c => ({
      key: 'cause ' + c.id, tone: 'danger', text: c.summary, href: link(['changes', 'diffs', c.diff_id]), page: 'Changes',
    })),
  }
}

function barOf(c: Cause, now: number): Bar {
  const from = secondsOf(c.onset) ?? secondsOf(c.first_seen) ?? now
  const to = secondsOf(c.ended) ?? secondsOf(c.last_seen) ?? now
  return {key: c.id, from, to, fill: c.ended === null ? 'danger' : 'warning', hint: `${c.summary}, from ${time(from, now)} to ${time(to, now)}`, href: link(['changes', 'diffs', c.diff_id])}
}
