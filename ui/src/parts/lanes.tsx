// Lanes of a timeline: what lasted from when to when, one kind of thing a lane, with the charts above it on one scale.
import type {JSX} from 'preact'
import {within, type Range} from '../app/range'
import {shortened} from './name'
import {useWidth} from './width'

export interface Bar {
  key: string
  from: number // seconds since 1970
  to: number
  fill: string // the colour's name
  hint: string
  href?: string | undefined
}

export interface Lane {
  title: string
  bars: Bar[]
  none: string // what an empty lane says
}

/** Room at the left and right of all charts of a timeline, px. */
export const margin = {left: 60, right: 14}

const laneHeight = 22, least = 4

export function Lanes({lanes, range}: {lanes: Lane[]; range: Range}): JSX.Element {
  const [box, width] = useWidth()
  const inner = Math.max(0, width - margin.left - margin.right)
  const at = (t: number) => margin.left + ((Math.min(Math.max(t, range.from), range.to) - range.from) / (range.to - range.from)) * inner
  return (
    <div ref={box}>
      {width > 0 && (
        <svg class="lanes" width={width} height={lanes.length * laneHeight} role="group" aria-label="Timeline">
          {lanes.map((lane, i) => <Row key={lane.title} lane={lane} y={i * laneHeight} width={width} at={at} range={range} />)}
        </svg>
      )}
    </div>
  )
}

interface RowProps {
  lane: Lane
  y: number
  width: number
  at: (t: number) => number
  range: Range
}

function Row({lane, y, width, at, range}: RowProps): JSX.Element {
  const bars = lane.bars.filter(b => within(range, b.from, b.to))
  return (
    <g transform={`translate(0 ${y})`} role={bars.length > 0 ? 'list' : 'group'} aria-label={lane.title}>
      <text x={margin.left - 8} y={laneHeight / 2 + 4} text-anchor="end">{lane.title}</text>
      <line class="rule" x1={margin.left} x2={width - margin.right} y1={laneHeight - 2} y2={laneHeight - 2} />
      {bars.length === 0 && <text x={margin.left + 4} y={laneHeight / 2 + 4}>{lane.none}</text>}
      {bars.map(b => <Drawn key={b.key} bar={b} x={at(b.from)} width={Math.max(least, at(b.to) - at(b.from))} />)}
    </g>
  )
}

function Drawn({bar, x, width}: {bar: Bar; x: number; width: number}): JSX.Element {
  const hint = shortened(bar.hint, 400)
  const rect = <rect class={'fill-' + bar.fill} x={x} y={4} width={width} height={laneHeight - 9} rx="2"><title>{hint}</title></rect>
  return <g role="listitem" aria-label={hint}>{bar.href ? <a href={bar.href} aria-label={hint}>{rect}</a> : rect}</g>
}
