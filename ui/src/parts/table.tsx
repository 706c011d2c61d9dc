// A table of any length: only the rows in view are in the document. Rows have one height. It scrolls with the page, so that links,
// the browser's back button and the keyboard work as they do everywhere.
import type {ComponentChildren, JSX} from 'preact'
import {useEffect, useRef, useState} from 'preact/hooks'

export interface Column<R> {
  name: string
  title: string
  number?: boolean
  sortable?: boolean
  hint?: string
  cell: (row: R) => ComponentChildren
}

interface Props<R> {
  caption: string
  columns: Column<R>[]
  rows: R[]
  keyOf: (row: R) => string
  sort?: string
  onSort?: (column: string) => void
  onEnd?: (() => void) | undefined // the last rows come into view, and there are more
  total?: number
}

const rowHeight = 34
const overscan = 8

export function Table<R>({caption, columns, rows, keyOf, sort, onSort, onEnd, total}: Props<R>): JSX.Element {
  const body = useRef<HTMLTableSectionElement>(null)
  const [first, last] = useWindow(body, rows.length)
  useEffect(() => {
    if (onEnd && last >= rows.length - overscan) onEnd()
  }, [last, rows.length, onEnd])
  return (
    <div class="scroll">
      <table aria-rowcount={(total ?? rows.length) + 1}>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map(c => (
              <th key={c.name} scope="col" class={c.number ? 'number' : undefined} title={c.hint} aria-sort={c.name === sort ? 'descending' : undefined}>
                {c.sortable && onSort ? (
                  <button type="button" class="sort" onClick={() => onSort(c.name)}>
                    {c.title} <span aria-hidden="true">{c.name === sort ? '▾' : ''}</span>
                  </button>
                ) : (
                  c.title
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          <Spacer rows={first} columns={columns.length} />
          {rows.slice(first, last).map((row, i) => (
            <tr key={keyOf(row)} aria-rowindex={first + i + 2}>
              {columns.map(c => (
                <td key={c.name} class={c.number ? 'number' : undefined}>{c.cell(row)}</td>
              ))}
            </tr>
          ))}
          <Spacer rows={rows.length - last} columns={columns.length} />
        </tbody>
      </table>
    </div>
  )
}

function Spacer({rows, columns}: {rows: number; columns: number}): JSX.Element | null {
  const cell = useRef<HTMLTableCellElement>(null)
  useEffect(() => {
    if (cell.current) cell.current.style.height = rows * rowHeight + 'px'
  })
  return rows > 0 ? <tr aria-hidden="true"><td ref={cell} class="spacer" colSpan={columns} /></tr> : null
}

// The rows that are in view, and some above and below.
function useWindow(body: {current: HTMLElement | null}, rows: number): [number, number] {
  const [range, setRange] = useState<[number, number]>([0, 60])
  useEffect(() => {
    let due = 0
    const measure = () => {
      due = 0
      if (!body.current) return
      const above = Math.max(0, -body.current.getBoundingClientRect().top)
      const first = Math.max(0, Math.floor(above / rowHeight) - overscan)
      const last = first + Math.ceil(innerHeight / rowHeight) + 2 * overscan
      setRange(was => (was[0] === first && was[1] === last ? was : [first, last]))
    }
    const soon = () => {
      if (!due) due = requestAnimationFrame(measure)
    }
    measure()
    addEventListener('scroll', soon, {passive: true})
    addEventListener('resize', soon)
    return () => {
      cancelAnimationFrame(due)
      removeEventListener('scroll', soon)
      removeEventListener('resize', soon)
    }
  }, [rows])
  const first = Math.min(range[0], Math.max(0, rows - 1))
  return [first, Math.min(rows, range[1])]
}
