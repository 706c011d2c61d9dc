import {expect, test} from 'vitest'
import {ago, bytes, count, duration, percent, rate, secondsOf, time} from './format'

const odd = [null, undefined, NaN, Infinity, -Infinity]

test('what is not known is a dash', () => {
  for (const n of odd) for (const f of [count, rate, percent, duration, bytes]) expect(f(n)).toBe('–')
  expect(time(undefined, 0)).toBe('–')
  expect(time(1e18, 0)).toBe('–')
  expect(secondsOf('0001-01-01T00:00:00Z')).toBeUndefined()
  expect(secondsOf('soon')).toBeUndefined()
})

test.each([
  [0, '0'], [1, '1'], [0.123, '0.12'], [9.99, '9.99'], [12.4, '12'], [12_345, '12,345'], [123_456, '123 k'], [1_500_000, '1.50 M'],
  [-123_456, '-123 k'], [2e12, '2.00 T'], [1e18, '1.0e+18'],
])('count %d', (n, text) => expect(count(n)).toBe(text))

test.each([
  [0, '0 %'], [1, '100 %'], [0.00001, '< 0.01 %'], [-0.00001, '> −0.01 %'], [0.99999, '> 99.99 %'], [-0.99999, '< −99.99 %'], [0.9987, '99.87 %'], [0.05, '5.0 %'], [0.5, '50 %'], [0.004, '0.40 %'],
])('percent %d', (n, text) => expect(percent(n)).toBe(text))

test.each([
  [0, '0 s'], [3e-9, '3.00 ns'], [0.00045, '450 µs'], [0.0123, '12.3 ms'], [1.5, '1.50 s'], [90, '90.0 s'], [600, '10.0 min'], [86_400, '24.0 h'], [1e9, '11,574 days'],
])('duration %d', (n, text) => expect(duration(n)).toBe(text))

test('ages', () => {
  expect(ago(100, 100)).toBe('now')
  expect(ago(102, 100)).toBe('now')
  expect(ago(100, 103)).toBe('3 s ago')
  expect(ago(100, 160)).toBe('60 s ago')
  expect(ago(160, 100)).toBe('in 60 s')
})

test('bytes', () => expect(bytes(512 * 2 ** 20)).toBe('512 MiB'))
