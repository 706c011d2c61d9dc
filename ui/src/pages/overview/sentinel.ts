import {get, type Answer} from '../../api/client'
import {serverNow} from '../../api/clock'
import {componentFor, componentsAt} from '../../api/console'
import {useLive, type Again} from '../../api/live'
import {link, place} from '../../app/router'
import type {Bar} from '../../parts/lanes'
import {secondsOf, time} from '../../parts/format'
import type {Item} from './attention'
import {latest} from './sampler'

type Status = Answer<'/status'>
type Uptime = Answer<'/api/sentinel/uptime'>

export function useSentinel(): {there: boolean; live: Again<unknown>[]; bars: Bar[]; bursts: Bar[] | undefined; attention: Item[]} {
  const component = componentFor('/status', place.value.params.get('component')), there = componentsAt('/status').length > 0
  const status = useLive(`status ${component} ${there}`, there ? 5 : 0, async signal => (there ? await get('/status', {query: {component, format: 'json'}, signal}) : undefined))
  const uptime = useLive(`uptime ${component} ${there}`, there ? 10 : 0, async signal => (there ? await get('/api/sentinel/uptime', {query: {component}, signal}) : undefined))
  const verdict = latest(status), before = latest(uptime)
  return {there, live: [status, uptime], attention: verdict ? attention(verdict) : [], bars: before ? barsOf(before, serverNow()) : [], bursts: verdict && burstsOf(verdict)}
}

export function attention(s: Pick<Status, 'state' | 'summary' | 'unwatched'>): Item[] {
  const href = link(['health']), page = 'Health'
  const items: Item[] = []
  if (s.state === 'degraded') items.push({key: 'sentinel', tone: 'danger', text: s.summary, href, page})
  if (s.state === 'unknown') items.push({key: 'sentinel', tone: 'unknown', text: s.summary, href, page})
  if (s.state === 'starting') items.push({key: 'sentinel', tone: 'unknown', text: 'The sentinel has no verdict yet.', href, page})
  for (const leg of s.unwatched) items.push({key: `leg ${leg.pipeline} ${leg.exporter}`, tone: 'unknown', text: `Nobody watches what is lost behind ${leg.exporter}.`, href, page})
  return items
}

/** Bursts that were to raise an alert; undefined where there are no such alerts. */
function burstsOf(s: Status): Bar[] | undefined {
  const alerts = s.vantages.flatMap(v => v.alerts), now = serverNow()
  if (alerts.length === 0) return undefined
  return alerts.flatMap(a => a.past.map(b => {
    const from = secondsOf(b.began) ?? now
    return {
      key: `${a.name} ${b.began}`, from, to: secondsOf(b.ended) ?? from, fill: b.outcome === 'verified' ? 'ok' : b.outcome === 'unknown' ? 'unknown' : 'danger',
      hint: `${a.name}, burst of ${time(from, now)}: ${b.outcome}`, href: link(['health']),
    }
  }))
}

const fills: Record<string, string> = {ok: 'ok', degraded: 'danger', unknown: 'unknown', starting: 'line'}

/** A bar for each stretch with one state. */
export function barsOf(u: Uptime, now: number): Bar[] {
  return u.transitions.map((t, i) => {
    const from = secondsOf(t.at) ?? now, to = secondsOf(u.transitions[i + 1]?.at) ?? now
    return {key: `${t.at} ${t.state}`, from, to, fill: fills[t.state] ?? 'line', hint: `${t.state} from ${time(from, now)} to ${time(to, now)}`, href: link(['health'])}
  })
}
