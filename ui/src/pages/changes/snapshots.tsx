// Two windows chosen by hand, and compared.
import type {JSX} from 'preact'
import {useState} from 'preact/hooks'
import {get, post, type Answer} from '../../api/client'
import {serverNow} from '../../api/clock'
import {useLive} from '../../api/live'
import {asked, chosen as range} from '../../app/range'
import {change, go, place} from '../../app/router'
import {count, secondsOf, time} from '../../parts/format'
import {Badge} from '../../parts/small'
import {Empty, Failed, Loaded} from '../../parts/state'
import {Table, type Column} from '../../parts/table'
import {differ, useQueries} from './component'
import {QueryPicker} from './picker'

type Snapshot = Answer<'/api/snapshots'>[number]

export function Snapshots(): JSX.Element {
  const component = differ(), {known, queries, chosen} = useQueries(), {span, from, to} = range.value
  const params = place.value.params, a = params.get('a'), b = params.get('b')
  const [problem, setProblem] = useState<string>()
  const live = useLive(known ? `snapshots ${component} ${chosen?.id} ${span ?? `${from} ${to}`}` : undefined, 15, signal =>
    get('/api/snapshots', {query: {component, query: chosen?.id, ...asked(), limit: 100}, signal}))
  const compare = async () => {
    try {
      const made = await post('/api/diffs', {query: {component}, body: {a, b}})
      go(['changes', 'diffs', made.id])
    } catch (error) {
      setProblem((error as Error).message)
    }
  }
  const choice = (side: 'a' | 'b', present: string | null): Column<Snapshot> => ({
    name: side, title: side.toUpperCase(),
    cell: s => <input type="radio" name={side} aria-label={`${side.toUpperCase()}: ${s.id}`} checked={present === s.id} disabled={s.state === 'open'} onChange={() => change({[side]: s.id})} />,
  })
  const columns: Column<Snapshot>[] = [
    choice('a', a), choice('b', b),
    {name: 'window', title: 'Window', cell: s => `${time(secondsOf(s.start), serverNow())} to ${time(secondsOf(s.end), serverNow())}`},
    {name: 'state', title: '', cell: s => <>{s.state !== 'complete' && <Badge tone={s.state === 'partial' ? 'warning' : 'plain'}>{s.state}</Badge>} {s.on_demand && <Badge tone="plain">on demand</Badge>}</>},
    {name: 'traces', title: 'Traces', number: true, cell: s => count(s.coverage.traces)},
    {name: 'spans', title: 'Spans', number: true, cell: s => count(s.coverage.spans)},
  ]
  return (
    <>
      <div class="toolbar">
        <QueryPicker queries={queries} chosen={chosen} />
        <button type="button" class="main" disabled={!a || !b || a === b} onClick={() => void compare()}>Compare A with B</button>
        <span class="quiet">Choose the older window as A, the newer one as B.</span>
      </div>
      {problem && <Failed message={problem} />}
      <Loaded of={live}>{list => (list.length === 0 ? <Empty>No window in this stretch of time.</Empty> : <Table caption="Windows" columns={columns} rows={list} keyOf={s => s.id} />)}</Loaded>
    </>
  )
}
