// What needs attention, the worst first, each with the page that says more.
import type {JSX} from 'preact'
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

/** complete: every part has answered; before that, an empty list says nothing. */
export function Attention({of, complete}: {of: Item[]; complete: boolean}): JSX.Element {
  if (of.length === 0) {
    return <ul class="attention" aria-label="What needs attention">{complete ? <li class="ok">Nothing needs attention.</li> : <li>Asking…</li>}</ul>
  }
  const sorted = [...of].sort((a, b) => order.indexOf(a.tone) - order.indexOf(b.tone))
  return (
    <ul class="attention" aria-label="What needs attention">
      {sorted.map(i => <li key={i.key} class={i.tone}><Name text={i.text} most={400} /> <a href={i.href}>{i.page}</a></li>)}
    </ul>
  )
}
