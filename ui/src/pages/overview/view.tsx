// What came in and was kept, what changed, whether it works and what was deployed, on one timeline; above it what needs attention.
import type {JSX} from 'preact'
import {componentFor, componentsAt, served} from '../../api/console'
import {chooseBetween, present} from '../../app/range'
import {place} from '../../app/router'
import {Lanes} from '../../parts/lanes'
import {Empty, Troubles} from '../../parts/state'
import {Attention} from './attention'
import {useChanges} from './changes'
import {useDeployments} from './deployments'
import {latest, useSampler} from './sampler'
import {useSentinel} from './sentinel'
import {Figures} from './figures'
import {Traffic} from './traffic'

/** What nobody looks at, so that silence about it says nothing. */
export function gaps(sentinel: boolean, changes: boolean): string[] {
  return [
    ...(sentinel ? [] : ['No sentinel runs: whether traces arrive is not checked.']),
    ...(changes ? [] : ['No trace_diff runs: what changes is not looked for.']),
  ]
}

/** Where several components of a kind run, one of them is shown. */
function Shown(): JSX.Element | null {
  const chosen = place.value.params.get('component')
  const several = ['/api/sampling', '/api/diffs', '/status'].filter(route => componentsAt(route).length > 1)
  if (several.length === 0) return null
  return (
    <p class="notice">
      Only a part is shown here: {several.map(route => `${componentFor(route, chosen)}, one of ${componentsAt(route).length}`).join('; ')}. The other pages let you choose.
    </p>
  )
}

export function Overview(): JSX.Element {
  const sampler = useSampler(), sentinel = useSentinel(), changes = useChanges(), deployments = useDeployments()
  const range = present(), parts = [...sentinel.live, ...changes.live, ...sampler.live]
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
      <Troubles of={[...parts, deployments.live]} />
      <Attention of={[...sentinel.attention, ...changes.attention, ...sampler.attention]} parts={parts} gaps={gaps(sentinel.there, changes.there)} />
      <Shown />
      <Figures sampler={sampler.status} history={latest(sampler.history)} />
      <h2>Timeline</h2>
      {sampler.there && <Traffic of={sampler.history} range={range} onSelect={chooseBetween} />}
      <Lanes
        range={range}
        lanes={[
          ...(changes.there ? [{title: 'changes', bars: changes.bars, none: 'none confirmed'}] : []),
          ...(sentinel.there ? [{title: 'health', bars: sentinel.bars, none: 'no verdict yet'}] : []),
          ...(sentinel.bursts ? [{title: 'bursts', bars: sentinel.bursts, none: 'none is over'}] : []),
          ...(changes.there ? [{title: 'versions', bars: deployments.bars, none: 'none put in place'}] : []),
        ]}
      />
      {sampler.there && <p class="quiet">Drag over a chart to select a stretch of time; every page then shows that.</p>}
    </>
  )
}
