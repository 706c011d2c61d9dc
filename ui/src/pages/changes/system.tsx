// The system as the latest window saw it: who calls whom, how often, how fast, with how many errors.
import type {JSX} from 'preact'
import {useMemo} from 'preact/hooks'
import {get} from '../../api/client'
import {serverNow} from '../../api/clock'
import {useLive} from '../../api/live'
import {chosen as range, iso, present} from '../../app/range'
import {duration, percent, rate, secondsOf, time} from '../../parts/format'
import {Graph, type Edge, type Node} from '../../parts/graph/graph'
import {Name} from '../../parts/name'
import {Empty, Loaded} from '../../parts/state'
import {Table, type Column} from '../../parts/table'
import type {Topology} from './calltree'
import {differ, useQueries} from './component'
import {QueryPicker} from './picker'

type Call = Topology['calls'][number]

export function System(): JSX.Element {
  const component = differ(), {known, queries, chosen} = useQueries(), {span, to} = range.value
  const live = useLive(known ? `topology ${component} ${chosen?.id} ${span ?? to}` : undefined, span ? 15 : 0, async signal =>
    (chosen ? await get('/api/topology', {query: {component, query: chosen.id, at: span ? undefined : iso(present().to)}, signal}) : undefined))
  return (
    <>
      <div class="toolbar"><QueryPicker queries={queries} chosen={chosen} /></div>
      <Loaded of={live} missing="No window has ended yet.">{t => (t === undefined || t.services.length === 0 ? <Empty>No window has ended yet, or it had no traces.</Empty> : <Drawn topology={t} />)}</Loaded>
    </>
  )
}

const columns: Column<Call>[] = [
  {name: 'from', title: 'Caller', cell: c => <Name text={c.from_service} most={50} />},
  {name: 'to', title: 'Service', cell: c => <Name text={c.to_service} most={50} />},
  {name: 'rate', title: 'Spans', number: true, cell: c => rate(c.spans_per_second)},
  {name: 'errors', title: 'Errors', number: true, cell: c => percent(c.error_share)},
  {name: 'p50', title: 'p50', number: true, cell: c => duration(c.p50_seconds)},
  {name: 'p99', title: 'p99', number: true, cell: c => duration(c.p99_seconds)},
]

function Drawn({topology: t}: {topology: Topology}): JSX.Element {
  const [nodes, edges] = useMemo(() => graphOf(t), [t])
  const now = serverNow()
  return (
    <>
      <p class="quiet">From {time(secondsOf(t.start), now)} to {time(secondsOf(t.end), now)}: {t.services.length} services, {t.operations.length} operations.{t.truncated && ' Those with least traffic are left out.'}</p>
      <Graph label={`System of ${t.services.length} services; the table below has the same`} nodes={nodes} edges={edges} />
      <h3>Calls</h3>
      <Table caption="Calls between services" columns={columns} rows={t.calls} keyOf={c => `${c.from_service}\n${c.to_service}`} />
    </>
  )
}

function graphOf(t: Topology): [Node[], Edge[]] {
  const busiest = Math.max(...t.calls.map(c => c.spans_per_second), 1e-9)
  return [
    t.services.map(s => ({
      id: s.service, title: s.service, tone: (s.error_share ?? 0) > 0.05 ? 'danger' : 'plain',
      hint: `${s.service}${s.versions?.length ? ' ' + s.versions.join(', ') : ''}: ${rate(s.spans_per_second)}, ${percent(s.error_share)} errors, p99 ${duration(s.p99_seconds)}`,
    })),
    t.calls.map(c => ({
      from: c.from_service, to: c.to_service, weight: c.spans_per_second / busiest, tone: (c.error_share ?? 0) > 0.05 ? 'danger' : 'plain',
      hint: `${c.from_service} → ${c.to_service}: ${rate(c.spans_per_second)}, ${percent(c.error_share)} errors, p99 ${duration(c.p99_seconds)}`,
    })),
  ]
}
