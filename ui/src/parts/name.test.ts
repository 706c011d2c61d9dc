import {expect, test} from 'vitest'
import {shortened, visible} from './name'

test('marks of direction and controls are shown as what they are', () => {
  expect(visible('a\u202eb\u0000c')).toBe('a\\u202eb\\u0000c')
  expect(visible('<img onerror=x>')).toBe('<img onerror=x>')
  expect(visible('naïve 日本 🙂')).toBe('naïve 日本 🙂')
})

test('long names end in an ellipsis, and no character is cut in half', () => {
  expect(shortened('x'.repeat(10_000))).toBe('x'.repeat(120) + '…')
  expect(shortened('🙂'.repeat(200), 3)).toBe('🙂🙂🙂…')
  expect(shortened('short')).toBe('short')
})
