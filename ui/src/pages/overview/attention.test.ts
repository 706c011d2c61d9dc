import {expect, test} from 'vitest'
import {attention as causes} from './changes'
import {attention as verdict} from './sentinel'

const cause = (more: object) => [{id: 'a', confirmed: true, ended: null, current: true, verdict: 'slower', summary: 'shop is slower', diff_id: 'd', ...more}] as unknown as Parameters<typeof causes>[0]

test('what is confirmed and lasts is an alarm, unless it got better', () => {
  expect(causes(cause({})).map(i => i.tone)).toEqual(['danger'])
  expect(causes(cause({verdict: 'faster'})).map(i => i.tone)).toEqual(['plain'])
  expect(causes(cause({confirmed: false}))).toEqual([])
  expect(causes(cause({ended: '2026-03-01T12:00:00Z'}))).toEqual([])
})

test('only a verdict of ok is silent', () => {
  const tones = (state: 'ok' | 'starting' | 'degraded' | 'unknown') => verdict({state, summary: 's', unwatched: []}).map(i => i.tone)
  expect(tones('ok')).toEqual([])
  expect(tones('starting')).toEqual(['unknown'])
  expect(tones('unknown')).toEqual(['unknown'])
  expect(tones('degraded')).toEqual(['danger'])
})
