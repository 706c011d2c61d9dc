// One execution path: its calls, how long its traces took, all of them and those that were kept, and why these were.
import type {JSX} from 'preact'
import {get, type Answer} from '../../api/client'
import {serverNow} from '../../api/clock'
import {useLive} from '../../api/live'
import {ago, count, duration, percent, rate, secondsOf, time} from '../../parts/format'
import {Name} from '../../parts/name'
import {Card, Share, Trace} from '../../parts/small'
import {Empty, Loaded} from '../../parts/state'
import {Table, type Column} from '../../parts/table'
import {sampler} from './component'
import {Distribution} from './distribution'
import {Reasons} from './reasons'

type Detail = Answer<'/api/sampling/paths/{path}'>
type Exemplar = Detail['exemplars'][number]

export function PathDetail({id}: {id: string}): JSX.Element {
  const component = sampler()
  const live = useLive(`${component} ${id}`, 5, signal => get('/api/sampling/paths/{path}', {in: {path: id}, query: {component}, signal}))
  return (
    <Loaded of={live} missing={<>This path is not known, or has been forgotten since: no trace has taken it for a long time.</>}>
      {path => (
        <>
          <h2><Name text={path.endpoint.service} /> · <Name text={path.endpoint.name} /> <code class="quiet">{path.path}</code></h2>
          {path.shared && <p class="quiet">These are all paths of this endpoint that have no place of their own.</p>}
          <div class="cards">
            <Card title="Rate" value={rate(path.rate)} hint="traces a second" />
            <Card title="Errors" value={percent(path.errors)} />
            <Card title="p50" value={duration(path.p50_seconds)} />
            <Card title="p99" value={duration(path.p99_seconds)} />
            <Card title="Wait" value={duration(path.wait_seconds)} hint="quiet time before a decision" />
            <Card title="Kept" value={<Share of={path.kept} />} />
          </div>
          <div class="columns">
            <section>
              <h3>How long its traces take</h3>
              <Distribution of={path.histogram} />
            </section>
            <section>
              <h3>Why they were kept or not</h3>
              <Reasons of={path.decisions} since={path.since} />
            </section>
          </div>
          <h3>Examples that were kept</h3>
          <Examples of={path.exemplars} />
          <h3>Calls</h3>
          <Calls of={path.calls} />
        </>
      )}
    </Loaded>
  )
}

const exemplarColumns: Column<Exemplar>[] = [
  {name: 'trace', title: 'Trace', cell: e => <Trace id={e.trace_id} />},
  {name: 'decided', title: 'Decided', cell: e => <span title={e.decided}>{time(secondsOf(e.decided), serverNow())}, {ago(secondsOf(e.decided), serverNow())}</span>},
  {name: 'reason', title: 'Reason', cell: e => e.reason},
  {name: 'duration', title: 'Duration', number: true, cell: e => duration(e.duration_seconds)},
  {name: 'spans', title: 'Spans', number: true, cell: e => count(e.spans)},
  {name: 'error', title: 'Failed', cell: e => (e.error ? 'yes' : '')},
  {name: 'probability', title: 'Stands for', number: true, hint: 'traces: 1/probability', cell: e => count(e.probability ? 1 / e.probability : undefined)},
]

const Examples = ({of}: {of: Exemplar[]}): JSX.Element =>
  of.length === 0 ? <Empty>None is remembered.</Empty> : <Table caption="Kept traces of this path" columns={exemplarColumns} rows={of} keyOf={e => e.trace_id} />

function Calls({of}: {of: Detail['calls']}): JSX.Element {
  if (of.length === 0) return <Empty>The calls of this path are not remembered.</Empty>
  return (
    <ul>
      {of.map((c, i) => (
        <li key={i}>
          {c.caller ? <><Name text={c.caller.service} /> <Name text={c.caller.name} /> → </> : 'enters at '}
          <Name text={c.callee.service} /> <Name text={c.callee.name} />
        </li>
      ))}
    </ul>
  )
}
