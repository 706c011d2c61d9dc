// How things look from one place: what was promised, and how much of it is kept.
import type {JSX} from 'preact'
import {useMemo} from 'preact/hooks'
import type {AlignedData} from 'uplot'
import type {Answer} from '../../api/client'
import {serverNow} from '../../api/clock'
import {ago, count, duration, percent, secondsOf, several, type Maybe} from '../../parts/format'
import {axis, Chart, times} from '../../parts/chart'
import {Legend} from '../../parts/legend'
import {Name} from '../../parts/name'
import {Badge, Facts} from '../../parts/small'
import {toneOf} from './tone'

type Vantage = Answer<'/status'>['vantages'][number]
type Objective = NonNullable<Vantage['slo']>['completeness']

const sees: Record<string, string> = {
  pipeline: 'sees what arrives at this exporter, and nothing of what other exporters, the network or a backend lose',
  backend: 'sees what can be looked up there',
  alerts: 'sees what becomes of the alerts of bursts',
  numbers: 'sees metrics that are derived from spans',
}

export function VantageCard({of: v}: {of: Vantage}): JSX.Element {
  const verdicts = Object.entries(v.verdicts ?? {}).filter(([, n]) => n > 0)
  return (
    <section class="card">
      <h3><Name text={v.name} /> <Badge tone={toneOf(v.state)}>{v.state}</Badge></h3>
      <p class="quiet">{sees[v.kind] ?? v.kind}</p>
      {v.reason && <p><Name text={v.reason} most={400} /></p>}
      <Facts of={[
        ...(v.slo ? [
          ['whole, unchanged, once', <Kept key="c" of={v.slo.completeness} />] as [string, JSX.Element],
          ['in time', <Kept key="l" of={v.slo.latency} />] as [string, JSX.Element],
          ['something is known of', `${percent(v.slo.coverage)} of the traces`] as [string, string],
        ] : []),
        ['delivery latency', v.delays ? `${duration(v.delays.p50_seconds)} in the median, ${duration(v.delays.p99_seconds)} at the 99th percentile, by ${several(v.delays.traces, 'trace')}` : 'not measured here'],
        ...(v.overdue ? [['overdue', several(v.overdue, 'trace')] as [string, string]] : []),
        ...(secondsOf(v.newest) !== undefined ? [['newest whole trace', `left ${ago(secondsOf(v.newest), serverNow())}`] as [string, string]] : []),
        ['verdicts', verdicts.length === 0 ? 'none yet' : verdicts.map(([name, n]) => `${name} ${count(n)}`).join(', ')],
      ]} />
      {v.delays && v.delays.parts.length > 1 && <Delays of={v.delays} />}
    </section>
  )
}

function Kept({of: o}: {of: Objective}): JSX.Element {
  const all = o.good + o.bad
  if (all === 0) return <>no verdict yet (promised {percent(o.target)})</>
  return (
    <>
      {percent(o.good / all)} of {count(all)} (promised {percent(o.target)}); {budget(o.budget_left)}
      {(o.burn_rate ?? 0) >= 1 && <>, and it burns {count(o.burn_rate)} times as fast as it may</>}
    </>
  )
}

/** The median and the 99th percentile over the window. */
function Delays({of: d}: {of: NonNullable<Vantage['delays']>}): JSX.Element {
  const middle = (from: string, to: string) => ((secondsOf(from) ?? 0) + (secondsOf(to) ?? 0)) / 2
  const data = useMemo((): AlignedData => [d.parts.map(p => middle(p.from, p.to)), d.parts.map(p => p.p50_seconds), d.parts.map(p => p.p99_seconds)], [d])
  return (
    <>
      <Chart label="Delivery latency over the window: the median and the 99th percentile" data={data} height={110} shape="delays"
        options={colour => ({
          scales: {x: {time: true}, y: {range: (_u, _min, max) => [0, max || 1]}},
          axes: [axis(colour, {size: 26, values: times}), axis(colour, {size: 62, values: (_, splits) => splits.map(s => duration(s))})],
          series: [{}, {label: 'p50', stroke: colour('kept'), width: 2}, {label: 'p99', stroke: colour('latency'), width: 2}],
          legend: {show: false},
        })} />
      <Legend of={[{title: 'delivery latency, median', fill: 'kept'}, {title: '99th percentile', fill: 'latency'}]} />
    </>
  )
}

const budget = (left: Maybe): string =>
  typeof left === 'number' && left <= 0 ? 'the error budget is used up' : `${percent(left)} of the error budget is left`
