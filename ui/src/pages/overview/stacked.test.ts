import {expect, test} from 'vitest'
import {fillOf, stacked} from './stacked'

test('lists stand on each other', () => {
  expect(stacked([[1, 2], [3, 0], [0, 5]])).toEqual([[1, 2], [4, 2], [4, 7]])
  expect(stacked([])).toEqual([])
})

test('rules have a colour', () => {
  expect(fillOf('latency')).toBe('latency')
  expect(fillOf('rule:manifests')).toBe('rule')
})
