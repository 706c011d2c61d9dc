// What happened in the stretch of time: each cause once, the latest first.
import type {JSX} from 'preact'
import {get, type Answer} from '../../api/client'
import {serverNow} from '../../api/clock'
import {useLive} from '../../api/live'
import {asked, chosen} from '../../app/range'
import {link} from '../../app/router'
import {secondsOf, time} from '../../parts/format'
import {Name} from '../../parts/name'
import {Badge} from '../../parts/small'
import {Empty, Loaded} from '../../parts/state'
import {Table, type Column} from '../../parts/table'
import {differ} from './component'
import {measured, toneOf, verdict} from './names'

type Lasting = Answer<'/api/causes'>['causes'][number]

const columns: Column<Lasting>[] = [
  {name: 'state', title: '', cell: c => <State of={c} />},
  {name: 'summary', title: 'What', cell: c => <a href={link(['changes', 'diffs', c.diff_id])}><Name text={c.summary} most={160} /></a>},
  {name: 'verdict', title: 'Verdict', cell: c => <Badge tone={toneOf(c.verdict)}>{verdict(c.verdict)}</Badge>},
  {name: 'before', title: 'Before', number: true, cell: c => measured(c.before, c.unit)},
  {name: 'after', title: 'After', number: true, cell: c => measured(c.after, c.unit)},
  {name: 'since', title: 'Since', cell: c => time(secondsOf(c.onset) ?? secondsOf(c.first_seen), serverNow())},
  {name: 'until', title: 'Last seen', cell: c => (c.current && c.ended === null ? 'now' : time(secondsOf(c.ended) ?? secondsOf(c.last_seen), serverNow()))},
  {name: 'query', title: 'Query', cell: c => <Name text={c.query_name} most={30} />},
]

function State({of: c}: {of: Lasting}): JSX.Element {
  if (!c.confirmed) return <Badge tone="plain">suspected</Badge>
  return c.current && c.ended === null ? <Badge tone="danger">lasts</Badge> : <Badge tone="plain">over</Badge>
}

export function Happened(): JSX.Element {
  const component = differ(), {span, from, to} = chosen.value
  const live = useLive(`causes ${component} ${span ?? `${from} ${to}`}`, 10, signal => get('/api/causes', {query: {component, ...asked()}, signal}))
  return (
    <Loaded of={live}>
      {a => a.causes.length === 0
        ? <Empty>No change was found in this stretch of time. Windows are compared as they end; <a href={link(['changes', 'diffs'])}>the diffs</a> say which were.</Empty>
        : (
          <>
            <p class="quiet">A confirmed cause was seen in as many windows as its query asks for; a suspected one not yet.</p>
            <Table caption="What happened" columns={columns} rows={a.causes} keyOf={c => c.id} />
            {a.truncated && <p class="notice">There were more; choose a shorter stretch of time.</p>}
          </>
        )}
    </Loaded>
  )
}
