// Where the nodes of a directed graph are drawn: layers from left to right, callers before those they call.
import {Graph, layout} from '@dagrejs/dagre'

export interface Shape {
  nodes: {id: string; width: number}[]
  edges: {from: string; to: string}[]
}

export interface Layout {
  nodes: Record<string, {x: number; y: number}> // centres
  edges: ({x: number; y: number}[] | undefined)[] // bends, in the order of the edges
  width: number
  height: number
}

export const nodeHeight = 30

// Beyond this many nodes, layers are drawn in the order in which the nodes come: an order with fewer crossings takes minutes.
const orderedUpTo = 400

export function layoutOf(shape: Shape): Layout {
  return shape.nodes.length <= orderedUpTo ? withLibrary(shape) : inColumns(shape)
}

function withLibrary(shape: Shape): Layout {
  const graph = new Graph({multigraph: true})
  graph.setGraph({rankdir: 'LR', nodesep: 14, ranksep: 70, marginx: 16, marginy: 16})
  graph.setDefaultEdgeLabel(() => ({}))
  for (const n of shape.nodes) graph.setNode(n.id, {width: n.width, height: nodeHeight})
  shape.edges.forEach((e, i) => graph.setEdge(e.from, e.to, {}, String(i)))
  layout(graph)
  const out: Layout = {nodes: {}, edges: [], width: graph.graph().width ?? 0, height: graph.graph().height ?? 0}
  for (const n of shape.nodes) {
    const {x, y} = graph.node(n.id)
    out.nodes[n.id] = {x, y}
  }
  out.edges = shape.edges.map((e, i) => graph.edge(e.from, e.to, String(i))?.points)
  return out
}

/** A layer is the longest way from a node that nobody calls; a way back, as in a circle, counts for nothing. */
export function layersOf(shape: Shape): Map<string, number> {
  const to = new Map<string, string[]>(shape.nodes.map(n => [n.id, []]))
  for (const e of shape.edges) if (e.from !== e.to) to.get(e.from)?.push(e.to)
  const order: string[] = [], state = new Map<string, 'open' | 'done'>()
  const back = new Set<string>()
  for (const n of shape.nodes) visit(n.id)
  function visit(start: string): void {
    // Without recursion: a chain may be as long as there are nodes.
    const stack: {id: string; next: number}[] = []
    if (!state.has(start)) {
      state.set(start, 'open')
      stack.push({id: start, next: 0})
    }
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const child = to.get(top.id)?.[top.next++]
      if (child === undefined) {
        state.set(top.id, 'done')
        order.push(top.id)
        stack.pop()
      } else if (state.get(child) === 'open') {
        back.add(top.id + '\n' + child)
      } else if (!state.has(child)) {
        state.set(child, 'open')
        stack.push({id: child, next: 0})
      }
    }
  }
  const layer = new Map<string, number>(shape.nodes.map(n => [n.id, 0]))
  for (const id of order.reverse()) {
    for (const child of to.get(id) ?? []) {
      if (!back.has(id + '\n' + child)) layer.set(child, Math.max(layer.get(child) ?? 0, (layer.get(id) ?? 0) + 1))
    }
  }
  return layer
}

function inColumns(shape: Shape): Layout {
  const layer = layersOf(shape), columns: Shape['nodes'][] = []
  for (const n of shape.nodes) (columns[layer.get(n.id) ?? 0] ??= []).push(n)
  const out: Layout = {nodes: {}, edges: [], width: 0, height: 0}
  let x = 16
  for (const column of columns) {
    const width = Math.max(...column.map(n => n.width))
    column.forEach((n, i) => (out.nodes[n.id] = {x: x + width / 2, y: 16 + nodeHeight / 2 + i * (nodeHeight + 10)}))
    out.height = Math.max(out.height, 16 + column.length * (nodeHeight + 10))
    x += width + 90
  }
  out.width = x
  const width = new Map(shape.nodes.map(n => [n.id, n.width]))
  out.edges = shape.edges.map(e => {
    const from = out.nodes[e.from], to = out.nodes[e.to]
    if (!from || !to) return undefined
    return [{x: from.x + (width.get(e.from) ?? 0) / 2, y: from.y}, {x: to.x - (width.get(e.to) ?? 0) / 2, y: to.y}]
  })
  return out
}
