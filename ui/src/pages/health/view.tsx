// Does the pipeline work? The sentinel's verdict in words, and what it rests on.
import type {JSX} from 'preact'
import {get, type Answer} from '../../api/client'
import {serverNow} from '../../api/clock'
import {componentFor} from '../../api/console'
import {useLive} from '../../api/live'
import {place} from '../../app/router'
import {ago, count, secondsOf, time} from '../../parts/format'
import {Name} from '../../parts/name'
import {Badge, Trace} from '../../parts/small'
import {Loaded} from '../../parts/state'
import {Table, type Column} from '../../parts/table'
import {AlertCycles} from './alerts'
import {Maintenance} from './maintenance'
import {toneOf} from './tone'
import {Uptime} from './uptime'
import {VantageCard} from './vantage'

type Status = Answer<'/status'>
type Failing = Status['failing'][number]

export const sentinel = (): string | undefined => componentFor('/status', place.value.params.get('component'))

export function Health(): JSX.Element {
  const component = sentinel()
  const live = useLive('status ' + component, 5, signal => get('/status', {query: {component, format: 'json'}, signal}))
  return (
    <>
      <h1>Health</h1>
      <Loaded of={live}>{status => <Verdict of={status} />}</Loaded>
      <Uptime component={component} />
      <Maintenance component={component} />
    </>
  )
}

const failingColumns: Column<Failing>[] = [
  {name: 'verdict', title: 'Verdict', cell: f => <Badge tone="danger">{f.verdict}</Badge>},
  {name: 'vantage', title: 'Vantage', cell: f => <Name text={f.vantage} />},
  {name: 'operation', title: 'Operation', cell: f => <Name text={f.operation} />},
  {name: 'since', title: 'Noticed since', cell: f => time(secondsOf(f.since), serverNow())},
  {name: 'count', title: 'Traces', number: true, cell: f => count(f.count)},
  {name: 'latest', title: 'Latest', cell: f => <>{f.trace_id && <Trace id={f.trace_id} />} {f.detail && <Name text={f.detail} most={200} />}</>},
]

function Verdict({of: status}: {of: Status}): JSX.Element {
  const now = serverNow()
  const alerts = status.vantages.flatMap(v => v.alerts ?? [])
  return (
    <>
      <p class={'notice ' + (status.state === 'degraded' ? 'danger' : status.state === 'unknown' ? 'warning' : '')} role="status">
        <Badge tone={toneOf(status.state)}>{status.state}</Badge> <strong>{status.summary}</strong>
        <br />
        <span class="quiet">Since {time(secondsOf(status.since), now)}; the verdict is from {ago(secondsOf(status.at), now)}.</span>
      </p>
      {status.failing.length > 0 && (
        <>
          <h2>Failing</h2>
          <Table caption="What fails" columns={failingColumns} rows={status.failing} keyOf={f => [f.verdict, f.vantage, f.operation].join('\n')} />
        </>
      )}
      <h2>Vantages</h2>
      <div class="columns">{status.vantages.map(v => <VantageCard key={v.name} of={v} />)}</div>
      {status.unwatched.length > 0 && (
        <>
          <h2>Nobody watches</h2>
          <ul>
            {status.unwatched.map(l => <li key={l.pipeline + l.exporter}>what is lost behind <strong><Name text={l.exporter} /></strong> of {l.pipeline}: {l.why}</li>)}
          </ul>
        </>
      )}
      {alerts.length > 0 && <AlertCycles of={alerts} />}
    </>
  )
}
