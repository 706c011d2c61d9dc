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

/** An empty list says nothing before every part has answered. */
export function Attention({of, parts, gaps}: {of: Item[]; parts: Live<unknown>[]; gaps: string[]}): JSX.Element {
  const unseen = gaps.map(text => <li key={text} class="unknown">{text}</li>)
  if (of.length === 0) {
    return (
      <ul class="attention" aria-label="What needs attention">
        {unseen}
        {parts.some(p => p.state === 'loading') ? <li>Asking…</li>
          : parts.some(p => p.state === 'failed') ? <li class="unknown">Not everything could be asked.</li>
            : <li class="ok">{gaps.length > 0 ? 'Nothing else needs attention.' : 'Nothing needs attention.'}</li>}
      </ul>
    )
  }
  const sorted = [...of].sort((a, b) => order.indexOf(a.tone) - order.indexOf(b.tone))
  return (
    <ul class="attention" aria-label="What needs attention">
      {sorted.map(i => <li key={i.key} class={i.tone}><Name text={i.text} most={400} /> <a href={i.href}>{i.page}</a></li>)}
      {unseen}
    </ul>
  )
}
