// All execution paths, the busiest first. The server sorts and filters; more rows are asked for as they come into view.
import type {JSX} from 'preact'
import {useCallback, useRef, useState} from 'preact/hooks'
import {get, type Answer} from '../../api/client'
import {useLive} from '../../api/live'
import {change, link, place} from '../../app/router'
import {count, duration, percent, rate} from '../../parts/format'
import {Name} from '../../parts/name'
import {Share} from '../../parts/small'
import {Empty, Loaded} from '../../parts/state'
import {Table, type Column} from '../../parts/table'
import {sampler} from './component'

type List = Answer<'/api/sampling/paths'>
type Path = List['paths'][number]
type Order = 'rate' | 'errors' | 'kept' | 'p50' | 'p99'

const pageSize = 200
const refreshed = 5 // seconds

const columns: Column<Path>[] = [
  {name: 'service', title: 'Service', cell: p => <Name text={p.endpoint.service} most={40} />},
  {
    name: 'endpoint', title: 'Endpoint',
    cell: p => (
      <a href={link(['sampling', 'paths', p.path])}>
        <Name text={p.endpoint.name} most={80} />
        {p.shared && <span class="quiet"> (all other paths)</span>}
      </a>
    ),
  },
  {name: 'path', title: 'Path', hint: 'assay.sampling.path: a hash of its calls', cell: p => <code>{p.path.slice(0, 8)}</code>},
  {name: 'rate', title: 'Rate', number: true, sortable: true, hint: 'traces a second', cell: p => rate(p.rate)},
  {name: 'errors', title: 'Errors', number: true, sortable: true, cell: p => percent(p.errors)},
  {name: 'p50', title: 'p50', number: true, sortable: true, cell: p => duration(p.p50_seconds)},
  {name: 'p99', title: 'p99', number: true, sortable: true, cell: p => duration(p.p99_seconds)},
  {name: 'wait', title: 'Wait', number: true, hint: 'learned quiet time before a complete trace is decided', cell: p => duration(p.wait_seconds)},
  {name: 'kept', title: 'Kept', number: true, sortable: true, cell: p => <Share of={p.kept} />},
]

export function Paths(): JSX.Element {
  const params = place.value.params
  const sort = (params.get('sort') ?? 'rate') as Order
  const search = params.get('search') ?? '', service = params.get('service') ?? ''
  const component = sampler()
  const key = JSON.stringify([component, sort, search, service])
  const [grown, setGrown] = useState({key, wanted: pageSize})
  const wanted = grown.key === key ? grown.wanted : pageSize
  if (grown.key !== key) setGrown({key, wanted}) // an order that is come back to begins anew, too
  const live = useLive(key + wanted, refreshed, signal => listed({component, sort, search, service}, wanted, signal))
  // While more rows or another order are on their way, the rows that are there stay, and with them the focus.
  const last = useRef<{component: string | undefined; list: List} | undefined>(undefined)
  if (live.state === 'ready') last.current = {component, list: live.data}
  const busy = live.state === 'loading'
  const shown = busy && last.current && last.current.component === component ? {...live, state: 'ready' as const, data: last.current.list, at: 0} : live
  const more = useCallback(() => setGrown({key, wanted: 2 * wanted}), [key, wanted])
  return (
    <>
      <form class="toolbar" role="search" onSubmit={e => e.preventDefault()}>
        <input type="search" placeholder="Find an endpoint" aria-label="Find an endpoint" value={search} onInput={e => change({search: e.currentTarget.value})} />
        <input type="search" placeholder="Service, in full" aria-label="Service" value={service} onInput={e => change({service: e.currentTarget.value})} />
      </form>
      <Loaded of={shown}>
        {list => list.paths.length === 0
          ? <NoPaths filtered={search !== '' || service !== ''} />
          : (
            <div aria-busy={busy}>
              <p class="quiet" aria-live="polite">{count(list.total)} paths</p>
              <Table
                caption="Execution paths" columns={columns} rows={list.paths} keyOf={p => p.path} total={list.total}
                sort={sort} onSort={name => change({sort: name === 'rate' ? undefined : name})}
                onEnd={!busy && list.paths.length < list.total && list.paths.length >= wanted ? more : undefined}
              />
            </div>
          )}
      </Loaded>
    </>
  )
}

const NoPaths = ({filtered}: {filtered: boolean}): JSX.Element => (
  <Empty>
    {filtered
      ? 'No path matches. A service is given in full, an endpoint in part.'
      : 'No trace has been decided yet. Send traces to the collector; the first paths are here a few seconds after their last span.'}
  </Empty>
)

interface Filter {
  component: string | undefined
  sort: Order
  search: string
  service: string
}

// Answers are bounded in size, so that a list of many rows comes in parts.
async function listed(filter: Filter, wanted: number, signal: AbortSignal): Promise<List> {
  let list: List | undefined
  for (;;) {
    const offset = list?.paths.length ?? 0
    const part = await get('/api/sampling/paths', {query: {...filter, offset, limit: wanted - offset}, signal})
    list = list ? {...part, paths: [...list.paths, ...part.paths]} : part
    if (part.paths.length === 0 || list.paths.length >= Math.min(wanted, part.total)) return list
  }
}
