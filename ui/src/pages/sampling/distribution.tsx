// All traces and the kept ones over each other, by duration. Both axes are logarithmic: where interest begins, the two meet.
import type {JSX} from 'preact'
import {useMemo} from 'preact/hooks'
import uPlot from 'uplot'
import {axis, Chart} from '../../parts/chart'
import {count, duration} from '../../parts/format'
import {Legend} from '../../parts/legend'
import {Empty} from '../../parts/state'
import {steps, type Histogram} from './steps'

export function Distribution({of}: {of: Histogram}): JSX.Element {
  const data = useMemo(() => steps(of), [of])
  if (data[0].length === 0) return <Empty>No durations are known yet.</Empty>
  const total = (buckets: Histogram['observed']) => buckets.reduce((sum, b) => sum + (b.count ?? 0), 0)
  return (
    <>
      <Chart
        label={`Durations of ${count(total(of.observed))} traces, of which ${count(total(of.retained))} were kept`}
        data={data} height={260} shape="distribution"
        options={colour => {
          const line = uPlot.paths.stepped!({align: 1, ascDesc: true})
          return {
            scales: {x: {time: false, distr: 3}, y: {distr: 3}},
            axes: [
              axis(colour, {values: (_, splits) => splits.map(s => (s ? duration(s).replace('.00', '').replace('.0', '') : ''))}),
              axis(colour, {size: 56, values: (_, splits) => splits.map(s => (s && isDecade(s) ? count(s) : ''))}),
            ],
            series: [
              {},
              {label: 'all', stroke: colour('observed'), fill: colour('observed') + '55', width: 1.5, paths: line, points: {show: false}},
              {label: 'kept', stroke: colour('kept'), fill: colour('kept') + '66', width: 2, paths: line, points: {show: false}},
            ],
            legend: {show: false},
          }
        }}
      />
      <Legend of={[{title: 'all traces', fill: 'observed'}, {title: 'kept traces', fill: 'kept'}]} />
      <p class="quiet">Where the two meet, every trace was kept; far apart, those that are as usual were thinned out.</p>
    </>
  )
}

const isDecade = (n: number): boolean => Math.abs(Math.log10(n) - Math.round(Math.log10(n))) < 1e-9
