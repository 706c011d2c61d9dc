import {get, type Answer} from '../../api/client'
import {componentsAt} from '../../api/console'
import {useLive, type Again, type Live} from '../../api/live'
import {asked, chosen} from '../../app/range'
import {link} from '../../app/router'
import {sampler} from '../sampling/component'
import type {Item} from './attention'

export type Status = Answer<'/api/sampling'>
export type History = Answer<'/api/sampling/history'>

export interface Sampler {
  there: boolean
  live: Again<unknown>[]
  status: Status | undefined
  history: Live<History | undefined>
  attention: Item[]
}

/** What the last answer said, also where a newer one could not be had. */
export const latest = <T>(live: Live<T>): T | undefined => (live.state === 'ready' || live.state === 'stale' ? live.data : undefined)

export function useSampler(): Sampler {
  const component = sampler(), there = componentsAt('/api/sampling').length > 0
  const status = useLive(`sampling ${component} ${there}`, there ? 10 : 0, async signal => (there ? await get('/api/sampling', {query: {component}, signal}) : undefined))
  const {span, from, to} = chosen.value
  const history = useLive(`history ${component} ${there} ${span ?? `${from} ${to}`}`, there ? 10 : 0, async signal => {
    if (!there) return undefined
    return await get('/api/sampling/history', {query: {component, ...asked()}, signal})
  })
  const known = latest(status)
  return {there, live: [status, history], status: known, history, attention: known ? attention(known) : []}
}

function attention(s: Status): Item[] {
  const href = link(['sampling', 'budget']), page = 'Sampling'
  return s.warnings.map(text => ({key: 'sampler ' + text, tone: 'warning', text, href, page}))
}
