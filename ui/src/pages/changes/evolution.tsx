// What appeared and disappeared over many windows, and how the rest went.
import type {JSX} from 'preact'
import {get, type Answer} from '../../api/client'
import {serverNow} from '../../api/clock'
import {useLive} from '../../api/live'
import {asked, chosen as range} from '../../app/range'
import {change, place} from '../../app/router'
import {duration, percent, rate, secondsOf, time} from '../../parts/format'
import {Name} from '../../parts/name'
import {Badge} from '../../parts/small'
import {Empty, Loaded} from '../../parts/state'
import {Table, type Column} from '../../parts/table'
import {differ, useQueries} from './component'
import {QueryPicker} from './picker'
import {Sparkline} from './sparkline'

type Part = Answer<'/api/evolution'>['parts'][number]

const columns: Column<Part>[] = [
  {name: 'kind', title: 'Kind', cell: p => p.kind},
  {
    name: 'what', title: 'What',
    cell: p => (
      <>
        {p.from_service && <><Name text={p.from_service} most={30} /> · <Name text={p.from_operation ?? ''} most={30} /> → </>}
        <Name text={p.service} most={40} />{p.operation && <> · <Name text={p.operation} most={50} /></>}
      </>
    ),
  },
  {name: 'news', title: '', cell: p => <>{p.appeared && <Badge tone="warning">appeared {time(secondsOf(p.first), serverNow())}</Badge>} {p.disappeared && <Badge tone="danger">disappeared {time(secondsOf(p.last), serverNow())}</Badge>}</>},
  {name: 'rates', title: 'Spans a second', cell: p => <Sparkline of={p.spans_per_second} />},
  {name: 'rate', title: 'First and last', number: true, cell: p => `${rate(p.before.spans_per_second)} → ${rate(p.after.spans_per_second)}`},
  {name: 'p50', title: 'p50', number: true, cell: p => `${duration(p.before.p50_seconds)} → ${duration(p.after.p50_seconds)}`},
  {name: 'errors', title: 'Errors', number: true, cell: p => `${percent(p.before.error_share)} → ${percent(p.after.error_share)}`},
]

const kinds = ['service', 'operation', 'edge'] as const

export function Evolution(): JSX.Element {
  const component = differ(), {known, queries, chosen} = useQueries(), {span, from, to} = range.value
  const kind = place.value.params.get('kind') ?? 'service', news = place.value.params.get('news') === 'true'
  const live = useLive(known ? `evolution ${component} ${chosen?.id} ${span ?? `${from} ${to}`}` : undefined, 60, async signal =>
    (chosen ? await get('/api/evolution', {query: {component, query: chosen.id, ...asked()}, signal}) : undefined))
  return (
    <>
      <div class="toolbar">
        <QueryPicker queries={queries} chosen={chosen} />
        <label>
          Kind{' '}
          <select value={kind} onChange={e => change({kind: e.currentTarget.value === 'service' ? undefined : e.currentTarget.value})}>
            {kinds.map(k => <option key={k}>{k}</option>)}
          </select>
        </label>
        <label><input type="checkbox" checked={news} onChange={e => change({news: e.currentTarget.checked ? 'true' : undefined})} /> only what appeared or disappeared</label>
      </div>
      <Loaded of={live}>
        {e => {
          const parts = e?.parts.filter(p => p.kind === kind && (!news || p.appeared || p.disappeared)) ?? []
          return parts.length === 0
            ? <Empty>Nothing of this kind in {e?.windows.length ?? 0} windows.</Empty>
            : <><p class="quiet">{e?.windows.length} windows{e?.truncated && '; parts with least traffic that were there all the time are left out'}</p><Table caption="Evolution" columns={columns} rows={parts} keyOf={p => [p.kind, p.from_service, p.from_operation, p.service, p.operation].join('\n')} /></>
        }}
      </Loaded>
    </>
  )
}
