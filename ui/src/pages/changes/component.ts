import {get, type Answer} from '../../api/client'
import {componentFor} from '../../api/console'
import {useLive} from '../../api/live'
import {place} from '../../app/router'

export type Query = Answer<'/api/queries'>[number]
export type Diff = Answer<'/api/diffs/{id}'>
export type Cause = Diff['causes'][number]
export type Change = Diff['changes'][number]
export type Identity = Cause['site']

/** The trace_diff that is shown. */
export const differ = (): string | undefined => componentFor('/api/diffs', place.value.params.get('component'))

/** Its queries, and the one that the link names, else the first. Before they are known there are none. */
export function useQueries(): {known: boolean; queries: Query[]; chosen: Query | undefined} {
  const component = differ()
  const live = useLive('queries ' + component, 60, signal => get('/api/queries', {query: {component}, signal}))
  const queries = live.state === 'ready' || live.state === 'stale' ? live.data : []
  const named = place.value.params.get('query')
  return {known: live.state !== 'loading', queries, chosen: queries.find(q => q.id === named) ?? queries[0]}
}
