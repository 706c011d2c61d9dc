// Two charts on one scale: all traces, and the kept ones by reason, above each other.
import type {JSX} from 'preact'
import {useMemo, useRef} from 'preact/hooks'
import type {AlignedData} from 'uplot'
import type {Live} from '../../api/live'
import type {Range} from '../../app/range'
import {axis, Chart, times, type Colours} from '../../parts/chart'
import {count, secondsOf} from '../../parts/format'
import {margin} from '../../parts/lanes'
import {Legend} from '../../parts/legend'
import {latest, type History} from './sampler'
import {fillOf, stacked} from './stacked'

export function Traffic({of: live, range, onSelect}: {of: Live<History | undefined>; range: Range; onSelect: (from: number, to: number) => void}): JSX.Element | null {
  const history = latest(live), shownRange = useRef(range)
  shownRange.current = range
  const shown = useMemo(() => (history ? chartsOf(history) : undefined), [history])
  if (!history || !shown) return live.state === 'loading' ? <p class="notice" role="status">Loading…</p> : null
  const reasons = history.kept.map(k => k.reason)
  // The chart stays as time goes on, so that a stretch which is being dragged is not lost.
  const x = {time: true, range: (): [number, number] => [shownRange.current.from, shownRange.current.to]}
  const shape = reasons.join('\n')
  return (
    <>
      <Chart label={`Traces a second that came in`} data={shown.all} height={130} shape={'in ' + shape} onSelect={onSelect}
        options={colour => ({
          scales: {x, y: {range: (_u, _min, max) => [0, max || 1]}},
          axes: [axis(colour, {size: 10, values: () => []}), rates(colour, 'in')],
          series: [{}, {label: 'in', stroke: colour('observed'), fill: colour('observed') + '55', width: 1.5, points: {show: false}}],
          legend: {show: false}, padding: [8, margin.right, 4, 0], cursor: {sync: {key: 'overview'}},
        })} />
      <Chart label={`Kept traces a second, by reason: ${reasons.join(', ')}`} data={shown.kept} height={150} shape={'kept ' + shape} onSelect={onSelect}
        options={colour => ({
          scales: {x, y: {range: (_u, _min, max) => [0, max || 1]}},
          axes: [axis(colour, {size: 28, values: times}), rates(colour, 'kept')],
          // The highest of the stack first, so that the lower ones are drawn over it.
          series: [{}, ...[...reasons].reverse().map(r => ({label: r, stroke: colour(fillOf(r)), fill: colour(fillOf(r)), width: 1, points: {show: false}}))],
          legend: {show: false}, padding: [8, margin.right, 0, 0], cursor: {sync: {key: 'overview'}},
        })} />
      <Legend of={[{title: 'all traces', fill: 'observed'}, ...reasons.map(r => ({title: 'kept: ' + r, fill: fillOf(r)}))]} />
    </>
  )
}

const rates = (colour: Colours, label: string) => axis(colour, {size: margin.left, label, labelSize: 16, labelFont: '12px system-ui, sans-serif', values: (_, splits) => splits.map(s => count(s) + '/s')})

function chartsOf(h: History): {all: AlignedData; kept: AlignedData} {
  const begin = secondsOf(h.from) ?? 0, step = h.step_seconds ?? 1
  const times = h.traces.map((_, i) => begin + (i + 0.5) * step)
  // The last part is not over yet.
  const whole = <T,>(list: T[]): T[] => (list.length > 1 ? list.slice(0, -1) : list)
  const perSecond = (list: number[]) => whole(list).map(n => n / step)
  return {all: [whole(times), perSecond(h.traces)], kept: [whole(times), ...stacked(h.kept.map(k => perSecond(k.traces))).reverse()]}
}
