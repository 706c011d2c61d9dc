import type {AlignedData} from 'uplot'
import type {Answer} from '../../api/client'

export type Histogram = Answer<'/api/sampling/paths/{path}'>['histogram']

/** A step for each bucket, from its lower bound on; null where there is none. */
export function steps(h: Histogram): AlignedData {
  const at = new Map<number, [number | null, number | null]>()
  const fill = (buckets: Histogram['observed'], column: 0 | 1) => {
    for (const b of buckets) {
      const from = b.from_seconds, to = b.to_seconds, n = b.count
      if (!(typeof from === 'number' && typeof to === 'number' && typeof n === 'number' && from > 0 && to > from)) continue
      const begin = at.get(from) ?? [null, null]
      begin[column] = Math.max(n, least)
      at.set(from, begin)
      if (!at.has(to)) at.set(to, [null, null])
    }
  }
  fill(h.observed, 0)
  fill(h.retained, 1)
  const sorted = [...at].sort(([a], [b]) => a - b)
  return [sorted.map(([x]) => x), sorted.map(([, y]) => y[0]), sorted.map(([, y]) => y[1])]
}

// Counts are decayed: one trace of long ago is a small part of one, which a logarithmic axis has no end for.
const least = 0.1
