import {expect, test} from 'vitest'
import {iso, rangeOf, within} from './range'

const now = Date.parse('2026-03-01T12:00:00Z') / 1000
const of = (query: string) => rangeOf(new URLSearchParams(query), now)

test('the last hour, unless a link says otherwise', () => {
  expect(of('')).toEqual({span: '1h', from: now - 3600, to: now})
  expect(of('range=6h').from).toBe(now - 6 * 3600)
  expect(of('from=2026-03-01T10:00:00Z&to=2026-03-01T10:05:00Z')).toEqual({from: now - 7200, to: now - 6900})
})

test.each(['range=soon', 'range=toString', 'from=x&to=y', 'from=2026-03-01T10:00:00Z', 'from=2026-03-01T10:00:00Z&to=2026-03-01T09:00:00Z'])(
  'a range that makes no sense is the usual one: %s',
  query => expect(of(query).span).toBe('1h'),
)

test('times are written as they are read', () => {
  expect(iso(now)).toBe('2026-03-01T12:00:00Z')
  expect(of(`from=${iso(now - 10)}&to=${iso(now)}`)).toEqual({from: now - 10, to: now})
})

test('what only touches the range is within', () => {
  const range = of('')
  expect(within(range, now - 7200, now - 3600)).toBe(true)
  expect(within(range, now - 7200, now - 3601)).toBe(false)
})
