// The diffs of a query, the latest first.
import type {JSX} from 'preact'
import {get, type Answer} from '../../api/client'
import {serverNow} from '../../api/clock'
import {useLive} from '../../api/live'
import {asked, chosen as range} from '../../app/range'
import {change, link, place} from '../../app/router'
import {count, secondsOf, time} from '../../parts/format'
import {Name} from '../../parts/name'
import {Badge} from '../../parts/small'
import {Empty, Loaded} from '../../parts/state'
import {Table, type Column} from '../../parts/table'
import {differ, useQueries} from './component'
import {QueryPicker} from './picker'

type Diff = Answer<'/api/diffs'>[number]

const span = (s: Diff['a']): string => `${time(secondsOf(s.start), serverNow())} to ${time(secondsOf(s.end), serverNow())}`

export const baselineOf = (b: Diff['baseline']): string =>
  b === '' || b === null ? 'on demand' : typeof b === 'string' ? b : 'version' in b ? `version: ${b.version}` : `pin: ${b.pin}`

const columns: Column<Diff>[] = [
  {name: 'b', title: 'Window (B)', cell: d => <a href={link(['changes', 'diffs', d.id])}>{span(d.b)}</a>},
  {name: 'a', title: 'Compared with (A)', cell: d => span(d.a)},
  {name: 'baseline', title: 'Baseline', cell: d => <Name text={baselineOf(d.baseline)} most={40} />},
  {name: 'state', title: '', cell: d => d.b.state !== 'complete' && <Badge tone="warning">{d.b.state}</Badge>},
  {name: 'traces', title: 'Traces', number: true, cell: d => `${count(d.a.coverage.traces)} → ${count(d.b.coverage.traces)}`},
  {name: 'flagged', title: 'Flagged', number: true, cell: d => count(d.flagged)},
  {name: 'cause', title: 'First cause', cell: d => (d.causes[0] ? <Name text={d.causes[0].summary} most={110} /> : <span class="quiet">nothing changed that is certain</span>)},
]

export function Latest(): JSX.Element {
  const component = differ(), {known, queries, chosen} = useQueries(), {span: moving, from, to} = range.value
  const flagged = place.value.params.get('flagged') === 'true'
  const live = useLive(known ? `diffs ${component} ${chosen?.id} ${flagged} ${moving ?? `${from} ${to}`}` : undefined, 10, signal =>
    get('/api/diffs', {query: {component, query: chosen?.id, flagged: flagged ? true : undefined, ...asked(), limit: 100}, signal}))
  return (
    <>
      <div class="toolbar">
        <QueryPicker queries={queries} chosen={chosen} />
        <label><input type="checkbox" checked={flagged} onChange={e => change({flagged: e.currentTarget.checked ? 'true' : undefined})} /> only those with a change</label>
      </div>
      <Loaded of={live}>
        {diffs => diffs.length === 0
          ? <Empty>No window was compared in this stretch of time. The first diff comes when two windows have ended, and spans that are late have been waited for.</Empty>
          : <Table caption="Diffs" columns={columns} rows={diffs} keyOf={d => d.id} />}
      </Loaded>
    </>
  )
}
