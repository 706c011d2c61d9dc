import {expect, test} from 'vitest'
import {format, parse} from './router'

test.each([
  ['', [], {}],
  ['#/', [], {}],
  ['#/sampling', ['sampling'], {}],
  ['#/sampling/paths/ab12?sort=p99&range=1h', ['sampling', 'paths', 'ab12'], {sort: 'p99', range: '1h'}],
  ['#/changes/GET%20%2Fcart%3Fx', ['changes', 'GET /cart?x'], {}],
  ['#/broken/%E0%A4%A', ['broken', '%E0%A4%A'], {}],
])('%s', (hash, parts, params) => {
  const place = parse(hash)
  expect(place.parts).toEqual(parts)
  expect(Object.fromEntries(place.params)).toEqual(params)
})

test('what is formatted is read back', () => {
  const parts = ['a/b', 'ü ?#&', '<script>'], params = new URLSearchParams({q: 'x&y=z', 'ünder': '1'})
  const place = parse(format(parts, params))
  expect(place.parts).toEqual(parts)
  expect([...place.params]).toEqual([...params])
})
