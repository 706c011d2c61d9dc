// How the parts of a system are called, and their figures told.
import type {JSX} from 'preact'
import {count, duration, percent, unknown, type Maybe} from '../../parts/format'
import {Name} from '../../parts/name'
import type {Tone} from '../../parts/small'
import type {Cause, Change, Identity} from './component'

export function Group({of: g}: {of: Identity}): JSX.Element {
  switch (g.kind) {
    case 'total':
      return <>all traces</>
    case 'service':
      return <Name text={g.value} />
    case 'operation':
      return <><Name text={g.service ?? ''} /> · <Name text={g.value} /></>
    case 'edge':
      return <><Name text={g.caller_service ?? ''} /> · <Name text={g.caller ?? ''} /> → <Name text={g.service ?? ''} /> · <Name text={g.value} /></>
    case 'path':
      return <>path of <Name text={g.service ?? ''} /> · <Name text={g.value} /> <code class="quiet">{g.path_id?.slice(0, 8)}</code></>
    case 'attribute':
      return <><Name text={g.key ?? ''} /> = <Name text={g.value} /></>
  }
}

const words: Record<string, string> = {
  new: 'new', missing: 'missing', slower: 'slower', faster: 'faster', more_errors: 'fails more', fewer_errors: 'fails less',
  more_calls: 'called more', fewer_calls: 'called less', same: 'as before', not_enough_data: 'not enough data',
}

export const verdict = (v: string): string => words[v] ?? v

const tones: Record<string, Tone> = {new: 'warning', missing: 'danger', slower: 'danger', more_errors: 'danger', faster: 'ok', fewer_errors: 'ok', more_calls: 'warning', fewer_calls: 'warning'}

export const toneOf = (v: string): Tone => tones[v] ?? 'plain'

/** A figure in the unit of a cause. */
export function measured(n: Maybe, unit: Cause['unit']): string {
  switch (unit) {
    case 'seconds':
      return duration(n)
    case 'share_of_traces':
      return percent(n)
    default:
      return count(n)
  }
}

/** What a measure says of one side of a change. */
export function sideOf(c: Change, side: Change['a']): string {
  switch (c.measure) {
    case 'latency':
      return duration(side.geometric_mean_seconds)
    case 'waiting':
      return duration(side.wait_geometric_mean_seconds)
    case 'slowest':
      return duration(side.p99_seconds)
    case 'errors':
      return percent(side.error_trace_share)
    case 'calls':
      return count(side.per_trace)
    default:
      return side.traces === 0 ? 'none' : `${count(side.traces)} traces`
  }
}

/** The effect, signed, with its interval; a dash where nobody knows. */
export function effectOf(c: Change): string {
  if (c.effect === null) return unknown
  const ratio = c.measure === 'latency' || c.measure === 'waiting' || c.measure === 'calls' || c.measure === 'slowest'
  const one = (n: Maybe): string => (n === null || n === undefined ? unknown : ratio ? `×${n.toFixed(2)}` : n > 0 ? percent(n).replace(/^([<>] )?/, '$1+') : percent(n))
  return `${one(c.effect)} (${one(c.low)} to ${one(c.high)})`
}
