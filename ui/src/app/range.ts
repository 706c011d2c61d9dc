// The stretch of time that all pages show. It is in the link of every view: the last hour and the like, or from one time to another.
import {computed} from '@preact/signals'
import {serverNow} from '../api/clock'
import {change, place} from './router'

export const spans = {'15m': 900, '1h': 3600, '6h': 21600, '24h': 86400, '7d': 604800} as const
export type Span = keyof typeof spans
export const spanTitles: Record<Span, string> = {
  '15m': 'last 15 minutes', '1h': 'last hour', '6h': 'last 6 hours', '24h': 'last 24 hours', '7d': 'last 7 days',
}

export interface Range {
  span?: Span // of the last hour and the like: it moves
  from: number // seconds since 1970
  to: number
}

const usual: Span = '1h'

export function rangeOf(params: URLSearchParams, now: number): Range {
  const from = seconds(params.get('from')), to = seconds(params.get('to'))
  if (from !== undefined && to !== undefined && from < to) return {from, to}
  const named = params.get('range')
  const span = named !== null && Object.hasOwn(spans, named) ? (named as Span) : usual
  return {span, from: now - spans[span], to: now}
}

function seconds(text: string | null): number | undefined {
  if (text === null) return undefined
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms / 1000
}

// Whether it moves, and how long it is; not where it is, which is another at every moment.
export const chosen = computed(() => rangeOf(place.value.params, 0))

export const present = (): Range => rangeOf(place.value.params, serverNow())

// Browsers that show the last hour ask for the same hour, so that one answer serves them all.
const steps = 10

/** The range as parameters of a request. What moves has no end. */
export function asked(): {from: string; to: string | undefined} {
  const {span, from, to} = present()
  return span === undefined ? {from: iso(from), to: iso(to)} : {from: iso(Math.floor(from / steps) * steps), to: undefined}
}

export function choose(span: Span): void {
  change({range: span === usual ? undefined : span, from: undefined, to: undefined})
}

export function chooseBetween(from: number, to: number): void {
  change({range: undefined, from: iso(from), to: iso(to)})
}

export const iso = (at: number): string => new Date(Math.round(at) * 1000).toISOString().replace('.000Z', 'Z')

export const within = (range: Range, from: number, to: number): boolean => from <= range.to && to >= range.from
