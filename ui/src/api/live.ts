// What is asked for again and again. A view keeps what it has while a newer answer is on its way, so that nothing flickers and no
// scroll is lost; where an answer does not come, it says how old that is which it shows.
import {useEffect, useRef, useState} from 'preact/hooks'
import {ApiError} from './client'
import {serverNow} from './clock'

export type Live<T> =
  | {state: 'loading'}
  | {state: 'ready'; data: T; at: number}
  | {state: 'stale'; data: T; at: number; error: ApiError} // the last answer, from before the error
  | {state: 'failed'; error: ApiError}

/** One that can be asked for by hand. */
export type Again<T> = Live<T> & {again: () => void}

/** Asks now, and again every so many seconds while the page is seen; anew when key changes, and not yet while there is none. */
export function useLive<T>(key: string | undefined, every: number, load: (signal: AbortSignal) => Promise<T>): Again<T> {
  const [live, setLive] = useState<{key: string | undefined; live: Live<T>}>({key, live: {state: 'loading'}})
  const [asked, setAsked] = useState(0)
  const latest = useRef(load)
  latest.current = load
  useEffect(() => {
    if (key === undefined) return
    const abort = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async () => {
      clearTimeout(timer)
      try {
        const data = await latest.current(abort.signal)
        if (abort.signal.aborted) return
        setLive({key, live: {state: 'ready', data, at: serverNow()}})
      } catch (error) {
        if (abort.signal.aborted) return
        setLive(was => ({key, live: failed(was.key === key ? was.live : {state: 'loading'}, error)}))
      }
      if (every > 0) timer = setTimeout(() => void ask(), every * 1000)
    }
    const seen = () => {
      if (document.visibilityState === 'visible') void ask()
      else clearTimeout(timer)
    }
    void ask()
    document.addEventListener('visibilitychange', seen)
    return () => {
      abort.abort()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', seen)
    }
  }, [key, every, asked])
  const shown: Live<T> = live.key === key ? live.live : {state: 'loading'}
  return {...shown, again: () => setAsked(n => n + 1)}
}

function failed<T>(was: Live<T>, error: unknown): Live<T> {
  const problem = error instanceof ApiError ? error : new ApiError(0, String(error))
  // What is not there any more is not shown as if it were.
  if ((was.state === 'ready' || was.state === 'stale') && problem.status !== 404) return {state: 'stale', data: was.data, at: was.at, error: problem}
  return {state: 'failed', error: problem}
}
