// What came in and was kept, what changed, whether it works and what was deployed, on one timeline; above it what needs attention.
import type {JSX} from 'preact'
import {served} from '../../api/console'
import {chooseBetween, present} from '../../app/range'
import {Lanes} from '../../parts/lanes'
import {Empty} from '../../parts/state'
import {Attention} from './attention'
import {useChanges} from './changes'
import {useDeployments} from './deployments'
import {useSampler} from './sampler'
import {useSentinel} from './sentinel'
import {Figures} from './figures'
import {Traffic} from './traffic'

export function Overview(): JSX.Element {
  const sampler = useSampler(), sentinel = useSentinel(), changes = useChanges(), deployments = useDeployments()
  const range = present()
  if (served.value && !sampler.there && !sentinel.there && !changes.there) {
    return (
      <Empty>
        Nothing in this collector has anything to show here. Add smart_tail_sampling, the sentinel or trace_diff to its configuration: each README has the
        smallest one, and <code>make run</code> starts all three.
      </Empty>
    )
  }
  return (
    <>
      <h1>Overview</h1>
      <Attention of={[...sentinel.attention, ...changes.attention, ...sampler.attention]} complete={[sampler, sentinel, changes].every(s => !s.there || s.known)} />
      <Figures sampler={sampler.status} history={sampler.history} />
      <h2>Timeline</h2>
      {sampler.there && <Traffic history={sampler.history} range={range} onSelect={chooseBetween} />}
      <Lanes
        range={range}
        lanes={[
          ...(changes.there ? [{title: 'changes', bars: changes.bars, none: 'none confirmed'}] : []),
          ...(sentinel.there ? [{title: 'health', bars: sentinel.bars, none: 'no verdict yet'}] : []),
          ...(sentinel.bursts ? [{title: 'bursts', bars: sentinel.bursts, none: 'none is over'}] : []),
          ...(changes.there ? [{title: 'versions', bars: deployments, none: 'none put in place'}] : []),
        ]}
      />
      {sampler.there && <p class="quiet">Drag over a chart to select a stretch of time; every page then shows that.</p>}
    </>
  )
}
