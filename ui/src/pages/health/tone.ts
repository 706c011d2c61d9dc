import type {Tone} from '../../parts/small'

const tones: Record<string, Tone> = {ok: 'ok', degraded: 'danger', unknown: 'unknown', starting: 'plain'}

/** The colour of a state of the sentinel. */
export const toneOf = (state: string): Tone => tones[state] ?? 'plain'
