// How the budget is spent, and what the sampler would have one know.
import type {JSX} from 'preact'
import {get} from '../../api/client'
import {useLive} from '../../api/live'
import {bytes, count, percent} from '../../parts/format'
import {Card, Facts, Share} from '../../parts/small'
import {Loaded} from '../../parts/state'
import {sampler} from './component'
import {Reasons} from './reasons'

const units: Record<string, string> = {percentage: '% of the spans', spans_per_second: 'spans a second', traces_per_second: 'traces a second', bytes_per_second: 'bytes a second'}
const offered: Record<string, string> = {percentage: 'spans', spans_per_second: 'spans', traces_per_second: 'traces', bytes_per_second: 'bytes'}

export function Budget(): JSX.Element {
  const component = sampler()
  const live = useLive('budget ' + component, 5, signal => get('/api/sampling', {query: {component}, signal}))
  return (
    <Loaded of={live}>
      {s => (
        <>
          {s.dry_run && <p class="notice">This is a dry run: everything is forwarded, whatever is decided.</p>}
          {s.warnings.map(w => <p key={w} class="notice warning">{w}</p>)}
          <div class="cards">
            <Card title="Budget" value={`${count(s.budget.value)} ${units[s.budget.unit] ?? s.budget.unit}`} />
            <Card title="Used" value={<Share of={s.budget.used} />} hint="of the last ten seconds' budget" />
            <Card title="Comes in" value={count(s.budget.offered)} hint={`${offered[s.budget.unit] ?? ''} a second`} />
            <Card title="Memory" value={bytes(s.memory.bytes)} hint={`of ${bytes(s.memory.limit_bytes)}; ${count(s.memory.traces)} traces, ${count(s.memory.spans)} spans`} />
            <Card title="Paths" value={count(s.learned.paths)} hint={`${count(s.learned.operations)} operations`} />
          </div>
          <div class="columns">
            <section>
              <h3>Decisions</h3>
              <Reasons of={s.decisions} since={s.since} />
            </section>
            <section>
              <h3>What is enough to be kept for certain</h3>
              <Facts of={[
                ['every trace', <>has a probability of at least {percent(s.cutoffs.baseline)}</>],
                ...s.cutoffs.signs.map((sign): [string, string] => [
                  sign.name, `${sign.enough === null ? 'none is enough alone' : `from ${count(sign.enough)} on`}; ${percent(sign.share)} of the budget above the baseline`,
                ]),
              ]} />
              <p class="quiet">Latency is counted in multiples of the excess that is not yet remarkable, errors and rarity in bits of surprise.</p>
            </section>
          </div>
        </>
      )}
    </Loaded>
  )
}
