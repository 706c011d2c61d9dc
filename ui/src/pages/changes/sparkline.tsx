import type {JSX} from 'preact'

const width = 120, height = 22

/** A line as small as a word. Gaps are where there was none. */
export function Sparkline({of}: {of: number[]}): JSX.Element {
  const top = Math.max(...of, 1e-9), step = of.length > 1 ? width / (of.length - 1) : 0
  const points = of.map((n, i) => `${(i * step).toFixed(1)},${(height - 2 - (n / top) * (height - 4)).toFixed(1)}`)
  return <svg class="sparkline" width={width} height={height} aria-hidden="true"><polyline points={points.join(' ')} /></svg>
}
