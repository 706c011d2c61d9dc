// Every page and part of a page, with ids that there are.
import {ask} from './browser.mjs'

/** Links by name. */
export async function views() {
  const {paths} = await ask('/api/sampling/paths?limit=50&sort=kept')
  const path = paths.find(p => p.endpoint.service !== 'assay-sentinel') ?? paths[0]
  const {exemplars} = await ask('/api/sampling/paths/' + path.path)
  const diffs = await ask('/api/diffs')
  const diff = diffs.find(d => d.flagged > 0) ?? diffs[0]
  return {
    overview: 'overview',
    paths: 'sampling',
    path: 'sampling/paths/' + path.path,
    map: 'sampling/map',
    budget: 'sampling/budget',
    why: 'sampling/why',
    'why-trace': 'sampling/why/' + exemplars[0].trace_id,
    changes: 'changes',
    diffs: 'changes/diffs',
    diff: 'changes/diffs/' + diff.id,
    compare: 'changes/snapshots',
    system: 'changes/system',
    evolution: 'changes/evolution',
    queries: 'changes/queries',
    health: 'health',
    unknown: 'nowhere',
  }
}
