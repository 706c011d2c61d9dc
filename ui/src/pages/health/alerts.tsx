// Alerts that must fire and clear: how their last burst went.
import type {JSX} from 'preact'
import type {Answer} from '../../api/client'
import {serverNow} from '../../api/clock'
import {present} from '../../app/range'
import {count, duration, secondsOf, time, unknown} from '../../parts/format'
import {Lanes, type Bar} from '../../parts/lanes'
import {Legend} from '../../parts/legend'
import {Name, shortened} from '../../parts/name'
import {Badge} from '../../parts/small'
import {Table, type Column} from '../../parts/table'

type Alert = NonNullable<Answer<'/status'>['vantages'][number]['alerts']>[number]

const after = (seconds: number | null): string => (seconds === null || seconds < 0 ? unknown : duration(seconds))

const columns: Column<Alert>[] = [
  {name: 'name', title: 'Alert', cell: a => <Name text={a.name} />},
  {name: 'outcome', title: 'Last burst', cell: a => <><Badge tone={a.broken ? 'danger' : a.outcome === 'verified' ? 'ok' : 'plain'}>{a.outcome}</Badge> {a.broken && <Name text={a.broken} />}</>},
  {name: 'burst', title: 'Began', cell: a => time(secondsOf(a.burst), serverNow())},
  {name: 'fired', title: 'Fired after', number: true, cell: a => after(a.fired_after_seconds)},
  {name: 'notified', title: 'Notified after', number: true, cell: a => after(a.notified_after_seconds)},
  {name: 'cleared', title: 'Cleared after', number: true, hint: 'from the end of the burst', cell: a => after(a.cleared_after_seconds)},
  {name: 'next', title: 'Next burst', cell: a => time(secondsOf(a.next_burst), serverNow())},
  {name: 'outcomes', title: 'All bursts', cell: a => Object.entries(a.outcomes).map(([name, n]) => `${name} ${count(n)}`).join(', ')},
  {name: 'firing', title: '', cell: a => a.firing_without_burst && <Badge tone="warning">fires without a burst</Badge>},
]

export function AlertCycles({of}: {of: Alert[]}): JSX.Element {
  const range = present()
  return (
    <>
      <h2>Alert cycles</h2>
      <Table caption="Alerts that bursts trip" columns={columns} rows={of} keyOf={a => a.name} />
      <h3>Bursts, and what became of their alert</h3>
      <Lanes range={range} lanes={of.map(a => ({title: shortened(a.name, 9), bars: a.past.map(barOf), none: 'no burst is over in this stretch of time'}))} />
      <Legend of={[{title: 'verified', fill: 'ok'}, {title: 'missed, late, stuck or spurious', fill: 'danger'}, {title: 'unknown', fill: 'unknown'}]} />
    </>
  )
}

function barOf(b: Alert['past'][number]): Bar {
  const now = serverNow(), from = secondsOf(b.began) ?? now, to = (secondsOf(b.ended) ?? from) + (b.cleared_after_seconds ?? 0)
  return {
    key: b.began, from, to, fill: b.outcome === 'verified' ? 'ok' : b.outcome === 'unknown' ? 'unknown' : 'danger',
    hint: `burst of ${time(from, now)}: ${b.outcome}${b.broken ? `, broken at the ${b.broken}` : ''}; fired after ${after(b.fired_after_seconds)}, notified after ${after(b.notified_after_seconds)}, cleared after ${after(b.cleared_after_seconds)}`,
  }
}
