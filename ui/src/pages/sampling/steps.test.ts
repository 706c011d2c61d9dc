import {expect, test} from 'vitest'
import {steps} from './steps'

const bucket = (from_seconds: number, to_seconds: number, count: number) => ({from_seconds, to_seconds, count})

test('buckets become steps, and gaps stay gaps', () => {
  const [x, all, kept] = steps({observed: [bucket(1, 2, 100), bucket(2, 4, 10), bucket(8, 16, 1)], retained: [bucket(8, 16, 1)]})
  expect(x).toEqual([1, 2, 4, 8, 16])
  expect(all).toEqual([100, 10, null, 1, null])
  expect(kept).toEqual([null, null, null, 1, null])
})

test('what a logarithmic axis cannot show is left out or put at its edge', () => {
  const [x, all] = steps({observed: [bucket(0, 1, 5), bucket(1, 1, 5), bucket(1, 2, 0.0001)], retained: []})
  expect(x).toEqual([1, 2])
  expect(all).toEqual([0.1, null])
})
