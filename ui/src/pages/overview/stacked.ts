/** Each list with all before it added. */
export function stacked(lists: number[][]): number[][] {
  let below: number[] | undefined
  return lists.map(list => (below = list.map((n, i) => n + (below?.[i] ?? 0))))
}

const fills = ['latency', 'error', 'rarity', 'baseline']

/** The colour of a reason; rules and what the budget forces have one together. */
export const fillOf = (reason: string): string => (fills.includes(reason) ? reason : 'rule')
