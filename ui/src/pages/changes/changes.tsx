// Changes in a table: what, by how much, how sure, and what it was before and after.
import type {JSX} from 'preact'
import {serverNow} from '../../api/clock'
import {secondsOf, time, unknown} from '../../parts/format'
import {Badge, Trace} from '../../parts/small'
import {Table, type Column} from '../../parts/table'
import type {Change} from './component'
import {effectOf, Group, sideOf, toneOf, verdict} from './names'

const columns: Column<Change>[] = [
  {name: 'verdict', title: 'Verdict', cell: c => <Badge tone={c.flagged ? toneOf(c.verdict) : 'plain'}>{verdict(c.verdict)}</Badge>},
  {name: 'group', title: 'What', cell: c => <Group of={c} />},
  {name: 'measure', title: 'Measure', cell: c => c.measure},
  {name: 'a', title: 'A', number: true, cell: c => sideOf(c, c.a)},
  {name: 'b', title: 'B', number: true, cell: c => sideOf(c, c.b)},
  {name: 'effect', title: 'Effect (95 % interval)', number: true, cell: effectOf},
  {name: 'q', title: 'q', number: true, hint: 'false discovery rate at which it would be flagged', cell: c => (c.q === null ? unknown : c.q < 0.001 ? '< 0.001' : c.q.toFixed(3))},
  {name: 'since', title: 'Since', cell: c => time(secondsOf(c.onset) ?? secondsOf(c.since), serverNow())},
  {name: 'standing', title: 'Standing', cell: c => c.standing ?? ''},
  {name: 'trace', title: 'Trace', cell: c => (c.exemplars[0] ? <Trace id={c.exemplars[0]} /> : '')},
]

export const ChangeTable = ({of}: {of: Change[]}): JSX.Element => <Table caption="Changes" columns={columns} rows={of} keyOf={c => c.fingerprint} />
