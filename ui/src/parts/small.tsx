// Small things that many pages show.
import type {ComponentChildren, JSX} from 'preact'
import {link, place} from '../app/router'
import {traceLink} from '../api/console'
import {percent, type Maybe} from './format'

/** A figure that stands by itself. */
export function Card({title, value, hint}: {title: string; value: ComponentChildren; hint?: ComponentChildren}): JSX.Element {
  return (
    <div class="card">
      <div class="title">{title}</div>
      <div class="value">{value}</div>
      {hint !== undefined && <div class="hint">{hint}</div>}
    </div>
  )
}

/** A share with a bar beside it. */
export function Share({of}: {of: Maybe}): JSX.Element {
  const width = typeof of === 'number' && Number.isFinite(of) ? Math.max(0, Math.min(1, of)) * 60 : 0
  return (
    <>
      {percent(of)}
      <svg class="share" width="60" height="8" aria-hidden="true">
        <rect width="60" height="8" rx="2" />
        <rect width={width} height="8" rx="2" />
      </svg>
    </>
  )
}

/** A trace id, that opens the trace where the console knows how. */
export function Trace({id}: {id: string}): JSX.Element {
  const to = traceLink(id)
  return (
    <>
      <a href={link(['sampling', 'why', id])} title="Why it was kept"><code>{id.slice(0, 12)}…</code></a>
      {to && <> <a href={to} target="_blank" rel="noreferrer">open</a></>}
    </>
  )
}

export type Tone = 'ok' | 'warning' | 'danger' | 'unknown' | 'plain'

export const Badge = ({tone, children}: {tone: Tone; children: ComponentChildren}): JSX.Element => <span class={'badge ' + tone}>{children}</span>

/** Parts of a page, each with a link of its own. */
export function Tabs({label, of}: {label: string; of: {title: string; parts: string[]}[]}): JSX.Element {
  const present = place.value.parts
  const matches = (parts: string[]) => parts.every((p, i) => present[i] === p)
  const best = of.filter(t => matches(t.parts)).sort((a, b) => b.parts.length - a.parts.length)[0]
  return (
    <nav class="tabs" aria-label={label}>
      {of.map(t => <a key={t.title} href={link(t.parts)} aria-current={t === best ? 'page' : undefined}>{t.title}</a>)}
    </nav>
  )
}

export const Facts = ({of}: {of: [string, ComponentChildren][]}): JSX.Element => (
  <dl class="facts">
    {of.map(([name, value]) => [<dt key={name}>{name}</dt>, <dd key={name + '.'}>{value}</dd>])}
  </dl>
)
