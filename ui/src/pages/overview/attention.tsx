// What needs attention, the worst first, each with the page that says more.
import type {JSX} from 'preact'
import type {Live} from '../../api/live'
import {Name} from '../../parts/name'
import type {Tone} from '../../parts/small'

export interface Item {
  key: string
  tone: Tone
  text: string
  href: string
  page: string
}

const order: Tone[] = ['danger', 'warning', 'unknown', 'ok', 'plain']

/** What nobody looks at, and what has not answered yet, is said too: silence must mean that all is well. */
export function Attention({of, parts, gaps}: {of: Item[]; parts: Live<unknown>[]; gaps: string[]}): JSX.Element {
  const asking = parts.some(p => p.state === 'loading'), failed = parts.some(p => p.state === 'failed')
  const sorted = [...of].sort((a, b) => order.indexOf(a.tone) - order.indexOf(b.tone))
  return (
    <ul class="attention" aria-label="What needs attention">
      {sorted.map(i => <li key={i.key} class={i.tone}><Name text={i.text} most={400} /> <a href={i.href}>{i.page}</a></li>)}
      {gaps.map(text => <li key={text} class="unknown">{text}</li>)}
      {asking && <li>Asking…</li>}
      {failed && <li class="unknown">Not everything could be asked.</li>}
      {of.length === 0 && !asking && !failed && <li class="ok">{gaps.length > 0 ? 'Nothing else needs attention.' : 'Nothing needs attention.'}</li>}
    </ul>
  )
}
