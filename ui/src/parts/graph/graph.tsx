// A directed graph to look around in: drag to move, wheel or + and − to zoom. The same stands in a table beside it, for those who
// do not see it.
import type {JSX} from 'preact'
import {useEffect, useMemo, useRef, useState} from 'preact/hooks'
import type {Tone} from '../small'
import {shortened} from '../name'
import {nodeHeight, type Layout, type Shape} from './layout'
import LayoutWorker from './worker?worker'

export interface Node {
  id: string
  title: string
  hint?: string
  tone?: Tone
}

export interface Edge {
  from: string
  to: string
  hint?: string
  tone?: Tone
  weight?: number // 0 to 1: how thick it is drawn
}

const longestTitle = 28, longestHint = 400

// Below this scale names are too small to be read. To draw them and the arrows takes most of the time.
const readable = 0.5

const numbered = (i: number): string => 'n' + i

export function Graph({label, nodes, edges, onOpen}: {label: string; nodes: Node[]; edges: Edge[]; onOpen?: (id: string) => void}): JSX.Element {
  const shape = useMemo((): Shape => {
    // Laid out by number: a name such as __proto__ would be no key of an object.
    const known = new Map(nodes.map((n, i) => [n.id, numbered(i)]))
    return {
      nodes: nodes.map((n, i) => ({id: numbered(i), width: 24 + 7 * Math.min(n.title.length, longestTitle)})),
      edges: edges.flatMap(e => {
        const from = known.get(e.from), to = known.get(e.to)
        return from !== undefined && to !== undefined ? [{from, to}] : []
      }),
    }
  }, [nodes, edges])
  const layout = useLayout(shape)
  const drawn = useMemo(() => {
    const known = new Set(nodes.map(n => n.id))
    return edges.filter(e => known.has(e.from) && known.has(e.to))
  }, [nodes, edges])
  const box = useRef<HTMLDivElement>(null)
  const {transform, region, zoom, fit} = useView(box, layout)
  // Moving and zooming change the transform alone, however much there is to draw.
  const picture = useMemo(() => {
    if (!layout) return undefined
    return (
      <>
        {drawn.map((e, i) => {
          const points = layout.edges[i]
          return points && (
            <path key={i} class={'edge ' + (e.tone ?? '')} d={curve(points)} stroke-width={1 + 3 * (e.weight ?? 0)} marker-end="url(#arrow)">
              <title>{shortened(e.hint ?? '', longestHint)}</title>
            </path>
          )
        })}
        {nodes.map((n, i) => {
          const at = layout.nodes[numbered(i)], w = shape.nodes[i]?.width ?? 0
          return at && (
            <g key={n.id} class={'node ' + (n.tone ?? '')} transform={`translate(${at.x} ${at.y})`} onDblClick={() => onOpen?.(n.id)}>
              <title>{shortened(n.hint ?? n.title, longestHint)}</title>
              <rect x={-w / 2} y={-nodeHeight / 2} width={w} height={nodeHeight} rx="6" />
            </g>
          )
        })}
      </>
    )
  }, [drawn, nodes, shape, layout, onOpen])
  const names = useMemo(() => {
    if (!layout || !region) return undefined
    const [left, top, right, bottom] = region.split(' ').map(Number) as [number, number, number, number]
    return nodes.map((n, i) => {
      const at = layout.nodes[numbered(i)], w = (shape.nodes[i]?.width ?? 0) / 2
      const seen = at && at.x + w > left && at.x - w < right && at.y + nodeHeight > top && at.y - nodeHeight < bottom
      return seen && <text key={n.id} x={at.x} y={at.y}>{shortened(n.title, longestTitle)}</text>
    })
  }, [nodes, shape, layout, region])
  if (!layout) return <p class="notice" role="status">The graph is being laid out…</p>
  return (
    <>
      <div class="toolbar">
        <button type="button" onClick={() => zoom(1.3)} aria-label="Larger">+</button>
        <button type="button" onClick={() => zoom(1 / 1.3)} aria-label="Smaller">−</button>
        <button type="button" onClick={fit}>Whole graph</button>
      </div>
      <div class="graph" ref={box}>
        <svg role="img" aria-label={label} class={region ? undefined : 'far'}>
          <defs>
            <marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path class="arrow" d="M0 0 8 4 0 8z" /></marker>
          </defs>
          <g transform={transform}>
            {picture}
            <g class="names">{names}</g>
          </g>
        </svg>
      </div>
    </>
  )
}

function curve(points: {x: number; y: number}[]): string {
  const [first, ...rest] = points
  if (!first) return ''
  if (rest.length === 1) {
    const end = rest[0]!, middle = (first.x + end.x) / 2
    return `M${first.x} ${first.y}C${middle} ${first.y} ${middle} ${end.y} ${end.x} ${end.y}`
  }
  let d = `M${first.x} ${first.y}`
  rest.forEach((p, i) => {
    const next = rest[i + 1]
    d += next ? `Q${p.x} ${p.y} ${(p.x + next.x) / 2} ${(p.y + next.y) / 2}` : `L${p.x} ${p.y}`
  })
  return d
}

// One worker for all graphs; it begins with the first.
let worker: Worker | undefined
let asked = 0

// The layout of the latest shape. The same nodes and edges with other figures keep theirs.
function useLayout(shape: Shape): Layout | undefined {
  const key = useMemo(() => JSON.stringify(shape), [shape])
  const [layout, setLayout] = useState<Layout>()
  useEffect(() => {
    worker ??= new LayoutWorker()
    const id = ++asked
    const answered = (e: MessageEvent<{id: number; layout: Layout}>) => {
      if (e.data.id === id) setLayout(e.data.layout)
    }
    worker.addEventListener('message', answered)
    worker.postMessage({id, shape})
    return () => worker?.removeEventListener('message', answered)
  }, [key])
  return layout
}

interface View {
  x: number
  y: number
  scale: number
}

/** Which part of the graph is in view, and some around it: left, top, right, bottom. The same while a move is small; none where names are not read. */
function regionOf(view: View, width: number, height: number): string | undefined {
  if (view.scale < readable) return undefined
  const scale = 2 ** (Math.floor(2 * Math.log2(view.scale)) / 2) // not above that of the view
  const stepX = Math.max(width / scale / 4, 1), stepY = Math.max(height / scale / 4, 1)
  const column = Math.floor(-view.x / view.scale / stepX), row = Math.floor(-view.y / view.scale / stepY)
  return [column * stepX, row * stepY, (column + 5) * stepX, (row + 5) * stepY].join(' ')
}

function useView(box: {current: HTMLDivElement | null}, layout: Layout | undefined) {
  const [view, setView] = useState<View>({x: 0, y: 0, scale: 1})
  const whole = (): View => {
    if (!layout || !box.current) return {x: 0, y: 0, scale: 1}
    const {clientWidth: w, clientHeight: h} = box.current
    const scale = Math.min(1, w / layout.width, h / layout.height)
    return {scale, x: (w - layout.width * scale) / 2, y: (h - layout.height * scale) / 2}
  }
  const fit = () => setView(whole())
  const size = layout && `${layout.width} ${layout.height}`
  useEffect(fit, [size])
  const around = (x: number, y: number, factor: number) => setView(v => {
    const scale = Math.max(0.02, Math.min(4, v.scale * factor)), f = scale / v.scale
    return {scale, x: x - (x - v.x) * f, y: y - (y - v.y) * f}
  })
  useEffect(() => {
    const element = box.current
    if (!element) return
    let held: {x: number; y: number} | undefined
    const wheel = (e: WheelEvent) => {
      e.preventDefault()
      const r = element.getBoundingClientRect()
      around(e.clientX - r.left, e.clientY - r.top, Math.exp(-e.deltaY / 400))
    }
    const down = (e: PointerEvent) => {
      held = {x: e.clientX, y: e.clientY}
      element.setPointerCapture(e.pointerId)
    }
    const move = (e: PointerEvent) => {
      if (!held) return
      const dx = e.clientX - held.x, dy = e.clientY - held.y
      held = {x: e.clientX, y: e.clientY}
      setView(v => ({...v, x: v.x + dx, y: v.y + dy}))
    }
    const up = () => (held = undefined)
    element.addEventListener('wheel', wheel, {passive: false})
    element.addEventListener('pointerdown', down)
    element.addEventListener('pointermove', move)
    element.addEventListener('pointerup', up)
    element.addEventListener('pointercancel', up)
    return () => {
      element.removeEventListener('wheel', wheel)
      element.removeEventListener('pointerdown', down)
      element.removeEventListener('pointermove', move)
      element.removeEventListener('pointerup', up)
      element.removeEventListener('pointercancel', up)
    }
  }, [!!layout])
  const zoom = (factor: number) => around((box.current?.clientWidth ?? 0) / 2, (box.current?.clientHeight ?? 0) / 2, factor)
  const region = regionOf(view, box.current?.clientWidth ?? 0, box.current?.clientHeight ?? 0)
  return {region, transform: `translate(${view.x} ${view.y}) scale(${view.scale})`, zoom, fit}
}
