// Which services call which, in all traffic, with what a uniform sample of the same size would be expected to miss.
import type {JSX} from 'preact'
import {useMemo} from 'preact/hooks'
import {get, type Answer} from '../../api/client'
import {useLive} from '../../api/live'
import {percent, rate} from '../../parts/format'
import {Graph, type Edge, type Node} from '../../parts/graph/graph'
import {Name} from '../../parts/name'
import {Badge} from '../../parts/small'
import {Empty, Loaded} from '../../parts/state'
import {Table, type Column} from '../../parts/table'
import {sampler} from './component'

type Map = Answer<'/api/sampling/map'>
type Part = Map['calls'][number]

const columns: Column<Part>[] = [
  {name: 'caller', title: 'Caller', cell: p => (p.caller ? <Name text={p.caller} most={50} /> : '')},
  {name: 'service', title: 'Service', cell: p => <Name text={p.service} most={50} />},
  {name: 'rate', title: 'Rate', number: true, hint: 'traces a second', cell: p => rate(p.rate)},
  {name: 'kept', title: 'Kept', number: true, hint: 'traces a second', cell: p => rate(p.kept_rate)},
  {
    name: 'missed', title: 'A uniform sample misses it', number: true, hint: 'probability that a uniform sample of the same size holds none',
    cell: p => <>{percent(p.missed_by_uniform)} {p.missed && <Badge tone="warning">to be expected</Badge>}</>,
  },
]

export function ServiceMap(): JSX.Element {
  const component = sampler()
  const live = useLive('map ' + component, 10, signal => get('/api/sampling/map', {query: {component}, signal}))
  return <Loaded of={live}>{map => map.services.length === 0 ? <Empty>No trace has been decided yet.</Empty> : <Drawn map={map} />}</Loaded>
}

function Drawn({map}: {map: Map}): JSX.Element {
  const [nodes, edges] = useMemo(() => graphOf(map), [map])
  const missed = [...map.services, ...map.calls].filter(p => p.missed).length
  return (
    <>
      <p>
        {map.services.length} services and {map.calls.length} calls between them, of which {percent(map.kept)} of the traces are kept.{' '}
        {missed > 0
          ? <><Badge tone="warning">{missed} dashed</Badge> would be expected to be missing from a uniform sample of the same size.</>
          : 'A uniform sample of the same size would be expected to hold each of them, too.'}
        {(map.unmapped ?? 0) > 0.005 && <span class="quiet"> Of {percent(map.unmapped)} of the traces nothing is in the map: they are of paths that are not remembered.</span>}
        {map.truncated && <span class="quiet"> Those with least traffic are left out.</span>}
      </p>
      <Graph label={`Map of ${map.services.length} services; the table below has the same`} nodes={nodes} edges={edges} />
      <h3>Calls between services</h3>
      <Table caption="Calls between services" columns={columns} rows={map.calls} keyOf={p => `${p.caller}\n${p.service}`} />
      <h3>Services</h3>
      <Table caption="Services" columns={columns.slice(1)} rows={map.services} keyOf={p => p.service} />
    </>
  )
}

export function graphOf(map: Map): [Node[], Edge[]] {
  const busiest = Math.max(...map.calls.map(c => c.rate ?? 0), 1e-9)
  const hint = (p: Part) => `${rate(p.rate)}, kept ${rate(p.kept_rate)}; a uniform sample misses it with ${percent(p.missed_by_uniform)}`
  return [
    map.services.map(s => ({id: s.service, title: s.service, hint: `${s.service}: ${hint(s)}`, tone: s.missed ? 'warning' : 'plain'})),
    map.calls.map(c => ({
      from: c.caller ?? '', to: c.service, hint: `${c.caller} → ${c.service}: ${hint(c)}`, tone: c.missed ? 'warning' : 'plain', weight: (c.rate ?? 0) / busiest,
    })),
  ]
}
