// The calls of window B as a tree, with what changed in its place.
import type {JSX} from 'preact'
import {useMemo} from 'preact/hooks'
import {get} from '../../api/client'
import {useLive} from '../../api/live'
import {Name} from '../../parts/name'
import {Badge} from '../../parts/small'
import {Empty, Loaded} from '../../parts/state'
import {treeOf, type Branch, type Topology} from './calltree'
import {differ, type Diff} from './component'
import {effectOf, toneOf, verdict} from './names'

export function PathTree({diff}: {diff: Diff}): JSX.Element {
  const component = differ()
  const live = useLive(`tree ${component} ${diff.id}`, 0, signal => get('/api/topology', {query: {component, query: diff.query_id, at: diff.b.start}, signal}))
  return (
    <>
      <h2>Where it is</h2>
      <Loaded of={live} missing="The window is not kept any more.">{t => <Tree topology={t} diff={diff} />}</Loaded>
    </>
  )
}

function Tree({topology, diff}: {topology: Topology; diff: Diff}): JSX.Element {
  const roots = useMemo(() => treeOf(topology, diff.changes), [topology, diff])
  if (roots.length === 0) return <Empty>This window has no calls.</Empty>
  return <ul class="tree">{roots.map(b => <Drawn key={b.key} of={b} />)}</ul>
}

function Drawn({of: b}: {of: Branch}): JSX.Element {
  const line = (
    <>
      <Name text={b.service} /> · <Name text={b.operation} />{' '}
      {b.changes.map(c => <Badge key={c.fingerprint} tone={toneOf(c.verdict)}>{c.kind === 'edge' ? 'call ' : ''}{verdict(c.verdict)} {effectOf(c)}</Badge>)}
      {b.again && <span class="quiet"> (see above)</span>}
    </>
  )
  if (b.below.length === 0) return <li>{line}</li>
  return (
    <li>
      <details open={b.touched}>
        <summary>{line}</summary>
        <ul>{b.below.map(c => <Drawn key={c.key} of={c} />)}</ul>
      </details>
    </li>
  )
}
