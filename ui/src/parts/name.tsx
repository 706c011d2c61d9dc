// Names of spans and services come from whoever sends traces. Preact writes them as text, never as HTML; here they also lose their
// power over what stands beside them: marks that turn the direction of text, control characters, and great length.
import type {JSX} from 'preact'

const longest = 120

// C0 and C1 controls, zero-width characters, and marks of direction.
const unseen = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

export function visible(text: string): string {
  return text.replace(unseen, c => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'))
}

export function shortened(text: string, most = longest): string {
  const all = [...visible(text.slice(0, 4 * most))]
  return all.length > most || text.length > 4 * most ? all.slice(0, most).join('') + '…' : all.join('')
}

export function Name({text, most}: {text: string; most?: number}): JSX.Element {
  if (text === '') return <span class="quiet">(no name)</span>
  const short = shortened(text, most)
  return <bdi title={short.endsWith('…') ? visible(text.slice(0, 2000)) : undefined}>{short}</bdi>
}
