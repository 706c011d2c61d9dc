import {expect, test} from 'vitest'
import {fromLocalTime, localTime} from './form'

test('a local time comes back', () => {
  const at = Date.parse('2026-03-01T12:34:00Z') / 1000
  expect(fromLocalTime(localTime(at))).toBe('2026-03-01T12:34:00.000Z')
  expect(fromLocalTime('')).toBeUndefined()
  expect(fromLocalTime('soon')).toBeUndefined()
})
