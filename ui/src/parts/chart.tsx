// uPlot in Preact: one chart for as long as the shape of its data is the same; new data comes in without a flicker.
import type {JSX} from 'preact'
import {useEffect, useRef} from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import {theme} from '../app/theme'

export interface ChartProps {
  label: string // what it shows, for those who do not see it
  data: uPlot.AlignedData
  options: (colours: Colours) => Omit<uPlot.Options, 'width' | 'height'>
  shape: string // another shape needs another chart
  height: number
  onSelect?: (from: number, to: number) => void
}

export type Colours = (name: string) => string

const colours: Colours = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim()

export function Chart({label, data, options, shape, height, onSelect}: ChartProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const select = useRef(onSelect)
  select.current = onSelect
  const look = theme.value
  useEffect(() => {
    const element = box.current
    if (!element) return
    const chosen = options(colours)
    const made = new uPlot(
      {
        ...chosen,
        width: element.clientWidth || 600,
        height,
        cursor: {...chosen.cursor, drag: {x: !!onSelect, y: false, setScale: false}},
        hooks: {
          ...chosen.hooks,
          setSelect: [
            u => {
              if (u.select.width < 4) return
              select.current?.(u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x'))
              u.setSelect({left: 0, top: 0, width: 0, height: 0}, false)
            },
          ],
        },
      },
      data,
      element,
    )
    plot.current = made
    const resized = new ResizeObserver(() => made.setSize({width: element.clientWidth, height}))
    resized.observe(element)
    return () => {
      resized.disconnect()
      made.destroy()
      plot.current = undefined
    }
  }, [shape, look, height])
  useEffect(() => plot.current?.setData(data), [data])
  return <div class="chart" ref={box} role="img" aria-label={label} />
}

const dayOf = new Intl.DateTimeFormat('en-GB', {day: 'numeric', month: 'short'})
const timeOf = new Intl.DateTimeFormat('en-GB', {hour: '2-digit', minute: '2-digit'})
const secondOf = new Intl.DateTimeFormat('en-GB', {hour: '2-digit', minute: '2-digit', second: '2-digit'})

/** Marks of an axis of time, as exact as their distance asks for. */
export function times(_: unknown, splits: number[], __: number, ___: number, distance: number): string[] {
  const format = distance >= 86_400 ? dayOf : distance >= 60 ? timeOf : secondOf
  return splits.map(s => format.format(new Date(s * 1000)))
}

/** An axis in the colours of the theme. */
export function axis(colour: Colours, more: uPlot.Axis = {}): uPlot.Axis {
  return {
    stroke: colour('quiet'),
    grid: {stroke: colour('line'), width: 1},
    ticks: {stroke: colour('line'), width: 1},
    font: '12px system-ui, sans-serif',
    ...more,
  }
}
