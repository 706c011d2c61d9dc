// What stands where data would be: while it loads, where there is none, and where it cannot be had.
import type {ComponentChildren, JSX} from 'preact'
import type {Again} from '../api/live'
import {serverNow} from '../api/clock'
import {ago} from './format'

interface Props<T> {
  of: Again<T>
  children: (data: T) => ComponentChildren
  missing?: ComponentChildren // what a 404 means here
}

/** Shows data that is there; says so where it is old, still to come, or not to be had. */
export function Loaded<T>({of: live, children, missing}: Props<T>): JSX.Element {
  switch (live.state) {
    case 'loading':
      return <p class="notice" role="status">Loading…</p>
    case 'failed':
      if (live.error.status === 404 && missing !== undefined) return <Empty>{missing}</Empty>
      return <Failed message={live.error.message} again={live.again} />
    case 'stale':
      return (
        <>
          <p class="notice warning" role="status">
            Not up to date: this is from {ago(live.at, serverNow())}. {live.error.message}{' '}
            <button type="button" onClick={live.again}>Try again</button>
          </p>
          {children(live.data)}
        </>
      )
    case 'ready':
      return <>{children(live.data)}</>
  }
}

/** Says which of the parts of a page are old or not to be had, each reason once. */
export function Troubles({of: parts}: {of: Again<unknown>[]}): JSX.Element | null {
  const bad = parts.filter(p => p.state === 'stale' || p.state === 'failed')
  if (bad.length === 0) return null
  const since = Math.min(...bad.map(p => (p.state === 'stale' ? p.at : Infinity)))
  return (
    <p class="notice warning" role="status">
      {Number.isFinite(since) ? <>Not up to date: some of this is from {ago(since, serverNow())}. </> : 'Some of this page is missing. '}
      {[...new Set(bad.map(p => p.error.message))].join(' ')}{' '}
      <button type="button" onClick={() => bad.forEach(p => p.again())}>Try again</button>
    </p>
  )
}

export function Failed({message, again}: {message: string; again?: () => void}): JSX.Element {
  return (
    <p class="notice danger" role="alert">
      {message} {again && <button type="button" onClick={again}>Try again</button>}
    </p>
  )
}

export const Empty = ({children}: {children: ComponentChildren}): JSX.Element => <div class="notice empty">{children}</div>
