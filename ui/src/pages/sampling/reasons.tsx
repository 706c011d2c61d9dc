import type {JSX} from 'preact'
import type {Answer} from '../../api/client'
import {serverNow} from '../../api/clock'
import {count, secondsOf, time} from '../../parts/format'
import {Share} from '../../parts/small'
import {Empty} from '../../parts/state'
import {Table, type Column} from '../../parts/table'

type Reason = Answer<'/api/sampling'>['decisions'][number]

const columns: Column<Reason>[] = [
  {name: 'fate', title: 'Decision', cell: r => (r.kept ? 'kept' : 'dropped')},
  {name: 'reason', title: 'Reason', cell: r => r.reason},
  {name: 'traces', title: 'Traces', number: true, cell: r => count(r.traces)},
  {name: 'spans', title: 'Spans', number: true, cell: r => count(r.spans)},
  {name: 'share', title: 'Share of the traces', number: true, cell: r => <Share of={r.share} />},
]

export function Reasons({of, since}: {of: Reason[]; since: string}): JSX.Element {
  if (of.length === 0) return <Empty>No decision is remembered.</Empty>
  return (
    <>
      <Table caption="Decisions by reason" columns={columns} rows={of} keyOf={r => `${r.kept} ${r.reason}`} />
      <p class="quiet">Since {time(secondsOf(since), serverNow())}: as far back as decisions are remembered.</p>
    </>
  )
}
