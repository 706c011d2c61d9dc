// The public status page: what everybody may know, and nothing of what is inside.
import type {JSX} from 'preact'
import {useEffect} from 'preact/hooks'
import {get, type Answer} from '../api/client'
import {serverNow} from '../api/clock'
import {useLive} from '../api/live'
import {ago, secondsOf, time} from '../parts/format'
import {Loaded} from '../parts/state'
import {UptimeBars} from '../parts/uptime'

type Status = Answer<'/api/public/status'>

export function StatusPage(): JSX.Element {
  const page = useLive('page', 0, signal => get('/api/public/page', {signal}))
  const status = useLive('status', 30, signal => get('/api/public/status', {signal}))
  const title = page.state === 'ready' ? page.data.title : 'Status'
  useEffect(() => {
    document.title = title
  }, [title])
  return (
    <main class="public">
      <h1>{title}</h1>
      <Loaded of={status} missing="Nothing is known: the status is not connected at the moment.">{s => <Shown of={s} />}</Loaded>
    </main>
  )
}

const tones: Record<Status['state'], string> = {operational: 'ok', degraded: 'danger', maintenance: 'warning', unknown: 'unknown'}
const severities: Record<string, string> = {info: '', warning: 'warning', critical: 'danger'}

function Shown({of: s}: {of: Status}): JSX.Element {
  const now = serverNow()
  return (
    <>
      <p class={'verdict ' + tones[s.state]} role="status">{s.text}</p>
      <p class="quiet">Since {time(secondsOf(s.since), now)}; looked at {ago(secondsOf(s.at), now)}.</p>
      {s.announcements.map(a => (
        <p key={a.id} class={'notice ' + (severities[a.severity] ?? '')}>{a.text} <span class="quiet">{time(secondsOf(a.from), now)}</span></p>
      ))}
      {s.maintenance.length > 0 && <h2>Maintenance</h2>}
      {s.maintenance.map(m => (
        <p key={m.id} class="notice">{m.text}: {time(secondsOf(m.from), now)} to {time(secondsOf(m.to), now)}</p>
      ))}
      <h2>How it was</h2>
      <UptimeBars of={s.uptime} />
    </>
  )
}
