import type {JSX} from 'preact'

/** What the colours of a chart stand for. */
export function Legend({of}: {of: {title: string; fill: string}[]}): JSX.Element {
  return (
    <ul class="legend">
      {of.map(l => (
        <li key={l.title}><svg width="10" height="10" aria-hidden="true"><rect class={'fill-' + l.fill} width="10" height="10" rx="2" /></svg>{l.title}</li>
      ))}
    </ul>
  )
}
