// Planned work, which uptime leaves out, and announcements, which the public status page shows.
import type {JSX} from 'preact'
import {useState} from 'preact/hooks'
import {get, post, remove, type Answer} from '../../api/client'
import {serverNow} from '../../api/clock'
import {componentsAt} from '../../api/console'
import {useLive} from '../../api/live'
import {secondsOf, time} from '../../parts/format'
import {Field, FormDialog, fromLocalTime, localTime, SureButton} from '../../parts/form'
import {Name} from '../../parts/name'
import {Badge, type Tone} from '../../parts/small'
import {Empty, Failed, Loaded} from '../../parts/state'
import {Table, type Column} from '../../parts/table'

type Window = Answer<'/api/maintenance'>['maintenance'][number]
type Announcement = Answer<'/api/announcements'>['announcements'][number]

export function Maintenance({component}: {component: string | undefined}): JSX.Element | null {
  if (componentsAt('/api/maintenance').length === 0) return null
  return (
    <>
      <Windows component={component} />
      <Announcements component={component} />
    </>
  )
}

const span = (from: string, to: string | null): string => {
  const now = serverNow()
  return `${time(secondsOf(from), now)} to ${to === null ? 'further notice' : time(secondsOf(to), now)}`
}

function Windows({component}: {component: string | undefined}): JSX.Element {
  const live = useLive('maintenance ' + component, 30, signal => get('/api/maintenance', {query: {component}, signal}))
  const [adding, setAdding] = useState(false)
  const [problem, setProblem] = useState<string>()
  const end = (id: string) => void remove('/api/maintenance/{id}', {in: {id}, query: {component}}).then(live.again, (e: Error) => setProblem(e.message))
  const columns: Column<Window>[] = [
    {name: 'text', title: 'What', cell: w => <Name text={w.text} most={100} />},
    {name: 'span', title: 'When', cell: w => span(w.from, w.to)},
    {name: 'remove', title: '', cell: w => <SureButton onSure={() => end(w.id)}>Remove</SureButton>},
  ]
  return (
    <>
      <h2>Maintenance</h2>
      <div class="toolbar"><button type="button" onClick={() => setAdding(true)}>Add a window</button></div>
      {problem && <Failed message={problem} />}
      <Loaded of={live}>
        {a => a.maintenance.length === 0 ? <Empty>None is planned.</Empty> : <Table caption="Maintenance windows" columns={columns} rows={a.maintenance} keyOf={w => w.id} />}
      </Loaded>
      {adding && <AddWindow component={component} onClose={sent => { setAdding(false); if (sent) live.again() }} />}
    </>
  )
}

function AddWindow({component, onClose}: {component: string | undefined; onClose: (sent: boolean) => void}): JSX.Element {
  const [text, setText] = useState(''), [from, setFrom] = useState(localTime(serverNow())), [to, setTo] = useState(localTime(serverNow() + 3600))
  return (
    <FormDialog title="A maintenance window" action="Add" onClose={onClose}
      onSend={() => post('/api/maintenance', {query: {component}, body: {text, from: fromLocalTime(from), to: fromLocalTime(to)}})}>
      <Field title="What is done" value={text} onInput={setText} required />
      <Field title="From" type="datetime-local" value={from} onInput={setFrom} required />
      <Field title="To" type="datetime-local" value={to} onInput={setTo} required />
    </FormDialog>
  )
}

const severities: Record<string, Tone> = {info: 'plain', warning: 'warning', critical: 'danger'}

function Announcements({component}: {component: string | undefined}): JSX.Element {
  const live = useLive('announcements ' + component, 30, signal => get('/api/announcements', {query: {component}, signal}))
  const [adding, setAdding] = useState(false)
  const [problem, setProblem] = useState<string>()
  const end = (id: string) => void remove('/api/announcements/{id}', {in: {id}, query: {component}}).then(live.again, (e: Error) => setProblem(e.message))
  const columns: Column<Announcement>[] = [
    {name: 'severity', title: '', cell: a => <Badge tone={severities[a.severity] ?? 'plain'}>{a.severity}</Badge>},
    {name: 'text', title: 'Text', cell: a => <Name text={a.text} most={100} />},
    {name: 'span', title: 'When', cell: a => span(a.from, a.until)},
    {name: 'remove', title: '', cell: a => <SureButton onSure={() => end(a.id)}>Remove</SureButton>},
  ]
  return (
    <>
      <h2>Announcements</h2>
      <p class="quiet">Shown on the public status page, if there is one.</p>
      <div class="toolbar"><button type="button" onClick={() => setAdding(true)}>Announce</button></div>
      {problem && <Failed message={problem} />}
      <Loaded of={live}>
        {a => a.announcements.length === 0 ? <Empty>None.</Empty> : <Table caption="Announcements" columns={columns} rows={a.announcements} keyOf={x => x.id} />}
      </Loaded>
      {adding && <Announce component={component} onClose={sent => { setAdding(false); if (sent) live.again() }} />}
    </>
  )
}

function Announce({component, onClose}: {component: string | undefined; onClose: (sent: boolean) => void}): JSX.Element {
  const [text, setText] = useState(''), [severity, setSeverity] = useState('info')
  const [from, setFrom] = useState(localTime(serverNow())), [until, setUntil] = useState('')
  return (
    <FormDialog title="An announcement" action="Announce" onClose={onClose}
      onSend={() => post('/api/announcements', {query: {component}, body: {text, severity, from: fromLocalTime(from), until: fromLocalTime(until) ?? null}})}>
      <Field title="Text" value={text} onInput={setText} required />
      <label class="field">
        <span>Severity</span>
        <select value={severity} onChange={e => setSeverity(e.currentTarget.value)}>{Object.keys(severities).map(s => <option key={s}>{s}</option>)}</select>
      </label>
      <Field title="From" type="datetime-local" value={from} onInput={setFrom} required />
      <Field title="Until" hint="empty: until further notice" type="datetime-local" value={until} onInput={setUntil} />
    </FormDialog>
  )
}
