// Ages are counted by the server's clock: that of the browser may be hours away from it.
let ahead = 0 // seconds by which the server's clock is ahead

// Date has whole seconds, and an answer takes some time: what is less than this is no difference.
const noise = 2

export function heardDate(header: string | null, now = Date.now()): void {
  const server = header === null ? NaN : Date.parse(header)
  if (Number.isNaN(server)) return
  const difference = (server - now) / 1000
  ahead = Math.abs(difference) < noise ? 0 : difference
}

export const serverNow = (now = Date.now()): number => now / 1000 + ahead

export const clockDifference = (): number => ahead
