import {expect, test} from 'vitest'
import type {Change} from './component'
import {treeOf, type Topology} from './calltree'

const none = {spans_per_second: 1, error_share: 0, mean_seconds: 1, p50_seconds: 1, p95_seconds: 1, p99_seconds: 1}
const topology = (entries: string[], calls: [string, string][]): Topology => ({
  snapshot_id: 's', query_id: 'q', start: '', end: '', services: [], calls: [], truncated: false,
  operations: [...new Set(calls.flat().concat(entries))].map(o => ({service: 's', operation: o, entry: entries.includes(o), ...none})),
  edges: calls.map(([from, to]) => ({from_service: 's', from_operation: from, to_service: 's', to_operation: to, ...none})),
})
const change = (more: object): Change => ({kind: 'operation', service: 's', value: 'c', flagged: true, ...more}) as Change

test('a change touches all that stand above it', () => {
  const [root] = treeOf(topology(['a'], [['a', 'b'], ['b', 'c'], ['a', 'd']]), [change({})])
  const [b, d] = root!.below
  expect([root!.touched, b!.touched, b!.below[0]!.touched, d!.touched]).toEqual([true, true, true, false])
  expect(b!.below[0]!.changes).toHaveLength(1)
})

test('the change of a call stands where it is called', () => {
  const edge = change({kind: 'edge', caller_service: 's', caller: 'b', value: 'c'})
  const [root] = treeOf(topology(['a'], [['a', 'b'], ['a', 'c'], ['b', 'c']]), [edge])
  expect(root!.below[0]!.below[0]!.changes).toEqual([edge])
  expect(root!.below[1]!.changes).toEqual([])
})

test('circles end, and what stands above already is not drawn twice', () => {
  const [root] = treeOf(topology(['a'], [['a', 'b'], ['b', 'a'], ['b', 'b']]), [])
  expect(root!.below[0]!.below).toEqual([])
})

test('a dense system stays a page', () => {
  const names = Array.from({length: 80}, (_, i) => 'n' + i)
  const calls = names.flatMap((from, i) => names.slice(i + 1).map((to): [string, string] => [from, to]))
  const count = (list: ReturnType<typeof treeOf>): number => list.reduce((n, b) => n + 1 + count(b.below), 0)
  expect(count(treeOf(topology(['n0'], calls), []))).toBeLessThan(5000)
})
