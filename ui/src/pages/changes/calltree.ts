// The calls of a system as a tree: from where requests enter, down to what they end in.
import type {Answer} from '../../api/client'
import type {Change} from './component'

export type Topology = Answer<'/api/topology'>

export interface Branch {
  key: string // unique in the tree
  service: string
  operation: string
  changes: Change[] // of the operation, and of the call to it
  below: Branch[]
  again: boolean // it stands above already, or elsewhere with what is below it
  touched: boolean // something changed here or below
}

// What a page can show and a person can read.
const deepest = 30, most = 1000

const keyOf = (service: string, operation: string): string => service + '\n' + operation

export function treeOf(t: Topology, changes: Change[]): Branch[] {
  const calls = new Map<string, Topology['edges']>()
  for (const e of t.edges) {
    const from = keyOf(e.from_service, e.from_operation ?? '')
    calls.set(from, [...(calls.get(from) ?? []), e])
  }
  const ofOperation = new Map<string, Change[]>(), ofEdge = new Map<string, Change[]>()
  for (const c of changes) {
    if (!c.flagged) continue
    if (c.kind === 'operation') add(ofOperation, keyOf(c.service ?? '', c.value), c)
    if (c.kind === 'edge') add(ofEdge, keyOf(c.caller_service ?? '', c.caller ?? '') + '\n' + keyOf(c.service ?? '', c.value), c)
  }
  let made = 0
  const shown = new Set<string>()
  const grow = (service: string, operation: string, above: string, path: string[]): Branch => {
    const id = keyOf(service, operation)
    const own = [...(ofOperation.get(id) ?? []), ...(above ? ofEdge.get(above + '\n' + id) ?? [] : [])]
    const branch: Branch = {key: `${made++}`, service, operation, changes: own, below: [], again: shown.has(id), touched: own.length > 0}
    if (branch.again || path.length >= deepest || made >= most) return branch
    shown.add(id)
    for (const e of calls.get(id) ?? []) {
      if ([...path, id].includes(keyOf(e.to_service, e.to_operation ?? ''))) continue // a circle
      branch.below.push(grow(e.to_service, e.to_operation ?? '', id, [...path, id]))
    }
    branch.touched ||= branch.below.some(b => b.touched)
    return branch
  }
  const roots = t.operations.filter(o => o.entry)
  return roots.map(o => grow(o.service, o.operation ?? '', '', []))
}

function add(to: Map<string, Change[]>, key: string, c: Change): void {
  to.set(key, [...(to.get(key) ?? []), c])
}
