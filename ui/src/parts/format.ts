// Numbers, durations and times as people read them. What is not known is a dash, never a zero.
export type Maybe = number | null | undefined

export const unknown = '–'

const known = (n: Maybe): n is number => typeof n === 'number' && Number.isFinite(n)

const grouped = new Intl.NumberFormat('en', {maximumFractionDigits: 0})

function digits(n: number): string {
  const size = Math.abs(n)
  if (size >= 100 || size === 0) return n.toFixed(0)
  return size >= 10 ? n.toFixed(1) : n.toFixed(2)
}

export function count(n: Maybe): string {
  if (!known(n)) return unknown
  const size = Math.abs(n)
  if (size < 10 && !Number.isInteger(n)) return digits(n)
  if (size < 100_000) return grouped.format(n)
  for (const [unit, name] of [[1e15, 'P'], [1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']] as const) {
    if (size >= 1e18) return n.toExponential(1)
    if (size >= unit) return digits(n / unit) + ' ' + name
  }
  return digits(n)
}

export const rate = (n: Maybe): string => (known(n) ? count(n) + '/s' : unknown)

export function percent(share: Maybe): string {
  if (!known(share)) return unknown
  const n = share * 100, size = Math.abs(n)
  if (size === 0 || size === 100) return n.toFixed(0) + ' %'
  if (size < 0.01) return n < 0 ? '> −0.01 %' : '< 0.01 %'
  if (size > 99.99 && size < 100) return n < 0 ? '< −99.99 %' : '> 99.99 %'
  if (size >= 99 && size < 100) return n.toFixed(2) + ' %'
  return (size < 1 ? n.toFixed(2) : size < 10 ? n.toFixed(1) : n.toFixed(0)) + ' %'
}

export function duration(seconds: Maybe): string {
  if (!known(seconds)) return unknown
  const size = Math.abs(seconds)
  if (size === 0) return '0 s'
  if (size < 1e-6) return digits(seconds * 1e9) + ' ns'
  if (size < 1e-3) return digits(seconds * 1e6) + ' µs'
  if (size < 1) return digits(seconds * 1e3) + ' ms'
  if (size < 120) return digits(seconds) + ' s'
  if (size < 7200) return digits(seconds / 60) + ' min'
  if (size < 172_800) return digits(seconds / 3600) + ' h'
  return count(seconds / 86_400) + ' days'
}

export function bytes(n: Maybe): string {
  if (!known(n)) return unknown
  for (const [unit, name] of [[2 ** 40, 'TiB'], [2 ** 30, 'GiB'], [2 ** 20, 'MiB'], [2 ** 10, 'KiB']] as const) {
    if (Math.abs(n) >= unit) return digits(n / unit) + ' ' + name
  }
  return n.toFixed(0) + ' B'
}

export const signed = (text: string, n: Maybe): string => (known(n) && n > 0 ? '+' + text : text.replace(/^-/, '−'))

// Times.

const clock = new Intl.DateTimeFormat('en-GB', {hour: '2-digit', minute: '2-digit', second: '2-digit'})
const day = new Intl.DateTimeFormat('en-GB', {day: 'numeric', month: 'short', year: 'numeric'})

export const secondsOf = (iso: string | null | undefined): number | undefined => {
  const ms = iso ? Date.parse(iso) : NaN
  return Number.isNaN(ms) || ms <= 0 ? undefined : ms / 1000
}

/** So many of something. */
export const several = (n: Maybe, one: string, many = one + 's'): string => `${count(n)} ${n === 1 ? one : many}`

/** The time of day, with the date where that is not today's. */
export function time(at: number | undefined, now: number): string {
  if (at === undefined || !Number.isFinite(at) || Math.abs(at) > 8.64e12) return unknown
  const date = new Date(at * 1000), today = new Date(now * 1000)
  const text = clock.format(date)
  return date.toDateString() === today.toDateString() ? text : day.format(date) + ' ' + text
}

export function ago(at: number | undefined, now: number): string {
  if (at === undefined) return unknown
  const passed = Math.round(now - at), whole = (seconds: number) => (seconds < 120 ? seconds + ' s' : duration(seconds))
  // The server's clock is known to a second or two, so that what has just been may seem to come.
  if (Math.abs(passed) <= 2) return 'now'
  return passed < 0 ? 'in ' + whole(-passed) : whole(passed) + ' ago'
}
