import {get, type Answer} from '../../api/client'
import {serverNow} from '../../api/clock'
import {componentsAt} from '../../api/console'
import {useLive, type Again} from '../../api/live'
import {asked, chosen} from '../../app/range'
import {link} from '../../app/router'
import type {Bar} from '../../parts/lanes'
import {secondsOf, time} from '../../parts/format'
import {differ} from '../changes/component'
import {toneOf} from '../changes/names'
import type {Item} from './attention'
import {latest} from './sampler'

type Causes = Answer<'/api/causes'>
type Cause = Causes['causes'][number]

export function useChanges(): {there: boolean; live: Again<unknown>[]; bars: Bar[]; attention: Item[]} {
  const component = differ(), there = componentsAt('/api/causes').length > 0
  const {span, from, to} = chosen.value
  const live = useLive(`causes ${component} ${there} ${span ?? `${from} ${to}`}`, there ? 10 : 0, async signal => {
    if (!there) return undefined
    return await get('/api/causes', {query: {component, ...asked()}, signal})
  })
  // What holds now needs attention whatever stretch of time is looked at.
  const now = useLive(`current causes ${component} ${there}`, there ? 10 : 0, async signal =>
    (there ? await get('/api/causes', {query: {component, current: true}, signal}) : undefined))
  const causes = latest(live)?.causes ?? []
  return {
    there,
    live: [live, now],
    bars: causes.filter(c => c.confirmed).map(c => barOf(c, serverNow())),
    attention: attention(latest(now)?.causes ?? []),
  }
}

/** What is confirmed and not over. What got better is no reason for alarm. */
export function attention(causes: Cause[]): Item[] {
  return causes.filter(c => c.confirmed && c.ended === null).map(c => ({
    key: 'cause ' + c.id, tone: toneOf(c.verdict) === 'ok' ? 'plain' : 'danger', text: c.summary, href: link(['changes', 'diffs', c.diff_id]), page: 'Changes',
  }))
}

function barOf(c: Cause, now: number): Bar {
  const from = secondsOf(c.onset) ?? secondsOf(c.first_seen) ?? now
  const to = secondsOf(c.ended) ?? secondsOf(c.last_seen) ?? now
  return {key: c.id, from, to, fill: c.ended === null ? 'danger' : 'warning', hint: `${c.summary}, from ${time(from, now)} to ${time(to, now)}`, href: link(['changes', 'diffs', c.diff_id])}
}
