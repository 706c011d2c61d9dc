import {get} from '../../api/client'
import {serverNow} from '../../api/clock'
import {componentsAt} from '../../api/console'
import {useLive, type Again} from '../../api/live'
import {asked, chosen} from '../../app/range'
import type {Bar} from '../../parts/lanes'
import {secondsOf, time} from '../../parts/format'
import {differ} from '../changes/component'
import {latest} from './sampler'

/** Versions of services, from their first span on. */
export function useDeployments(): {live: Again<unknown>; bars: Bar[]} {
  const component = differ(), there = componentsAt('/api/deployments').length > 0
  const {span, from, to} = chosen.value
  const live = useLive(`deployments ${component} ${there} ${span ?? `${from} ${to}`}`, there ? 30 : 0, async signal => {
    if (!there) return []
    const queries = await get('/api/queries', {query: {component}, signal})
    // Queries see the same services; one that sees a version twice has it once.
    const all = await Promise.all(queries.map(q => get('/api/deployments', {query: {component, query: q.id, ...asked()}, signal})))
    return all.flat()
  })
  const bars = new Map<string, Bar>(), now = serverNow()
  for (const d of latest(live) ?? []) {
    if (d.initial) continue
    const at = secondsOf(d.first) ?? now, key = `${d.service}\n${d.version}\n${d.first}`
    bars.set(key, {key, from: at, to: at, fill: 'latency', hint: `${d.service} ${d.previous ? d.previous + ' → ' : ''}${d.version}, from ${time(at, now)} on`})
  }
  return {live, bars: [...bars.values()]}
}
