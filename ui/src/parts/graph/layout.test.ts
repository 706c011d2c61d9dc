import {expect, test} from 'vitest'
import {layersOf, layoutOf, type Shape} from './layout'

const shape = (nodes: string[], edges: [string, string][]): Shape => ({
  nodes: nodes.map(id => ({id, width: 100})),
  edges: edges.map(([from, to]) => ({from, to})),
})

test('callers stand left of those they call', () => {
  const l = layoutOf(shape(['a', 'b', 'c'], [['a', 'b'], ['b', 'c'], ['a', 'c']]))
  expect(l.nodes.a!.x).toBeLessThan(l.nodes.b!.x)
  expect(l.nodes.b!.x).toBeLessThan(l.nodes.c!.x)
  expect(l.edges).toHaveLength(3)
})

test('circles and calls to oneself have layers too', () => {
  const layer = layersOf(shape(['a', 'b', 'c'], [['a', 'b'], ['b', 'c'], ['c', 'a'], ['b', 'b']]))
  expect(Object.fromEntries(layer)).toEqual({a: 0, b: 1, c: 2})
})

test('two calls between the same two are two edges', () => {
  expect(layoutOf(shape(['a', 'b'], [['a', 'b'], ['a', 'b']])).edges.every(Boolean)).toBe(true)
})

test('two thousand nodes are laid out in a second, a chain of them too', () => {
  const nodes = Array.from({length: 2000}, (_, i) => 'n' + i)
  const chain = nodes.slice(1).map((n, i): [string, string] => [nodes[i]!, n])
  const fan = nodes.slice(1).map((n, i): [string, string] => [nodes[Math.floor(i / 3)]!, n])
  for (const edges of [chain, fan]) {
    const began = performance.now(), l = layoutOf(shape(nodes, edges))
    expect(performance.now() - began).toBeLessThan(1000)
    expect(Object.keys(l.nodes)).toHaveLength(2000)
  }
})
