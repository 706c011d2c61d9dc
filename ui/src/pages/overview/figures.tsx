import type {JSX} from 'preact'
import {count, percent, rate} from '../../parts/format'
import {Card, Share} from '../../parts/small'
import type {History, Status} from './sampler'

const sum = (list: number[]): number => list.reduce((a, b) => a + b, 0)

/** In, kept and saved, over the stretch of time. */
export function Figures({sampler, history}: {sampler: Status | undefined; history: History | undefined}): JSX.Element | null {
  if (!history || !sampler) return null
  const spans = sum(history.spans), kept = sum(history.kept.flatMap(k => k.spans))
  const traces = sum(history.traces), keptTraces = sum(history.kept.flatMap(k => k.traces))
  const seconds = history.traces.length * (history.step_seconds ?? 0)
  const unknownShare = spans === 0
  return (
    <div class="cards">
      <Card title="Came in" value={`${count(spans)} spans`} hint={`${count(traces)} traces; ${rate(seconds > 0 ? spans / seconds : null)} in the mean`} />
      <Card title={sampler.dry_run ? 'Would be kept' : 'Kept'} value={`${count(kept)} spans`} hint={`${count(keptTraces)} traces`} />
      <Card title={sampler.dry_run ? 'Would be saved' : 'Saved'} value={unknownShare ? '–' : <Share of={1 - kept / spans} />} hint={sampler.dry_run ? 'of the spans; a dry run forwards all' : 'of the spans'} />
      <Card title="Budget used" value={<Share of={sampler.budget.used} />} hint="of the last ten seconds" />
      <Card title="Errors and latency" value={unknownShare ? '–' : percent(shareOf(history, ['latency', 'error'], keptTraces))} hint="of the kept traces" />
    </div>
  )
}

function shareOf(h: History, reasons: string[], all: number): number | null {
  return all === 0 ? null : sum(h.kept.filter(k => reasons.includes(k.reason)).flatMap(k => k.traces)) / all
}
