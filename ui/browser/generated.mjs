// Answers of the API for a system that is larger than any recording: made up, the same in every run.

/** Execution paths in the order and selection that a request asks for. */
export function paths(count) {
  const all = Array.from({length: count}, (_, i) => {
    const p50 = 0.001 * (1 + (i * 7919) % 997), calls = 1 + (i * 104_729) % 9973
    return {
      path: i.toString(16).padStart(16, '0'),
      endpoint: {service: `service-${i % 211}`, name: `GET /api/v1/resource-${i}/items`, kind: 'server'},
      shared: i % 97 === 0, traces: calls * 60, rate: calls / 10, errors: (i % 31) / 100, kept: (i % 101) / 100,
      p50_seconds: p50, p90_seconds: 2 * p50, p99_seconds: 4 * p50, wait_seconds: 0.5,
    }
  })
  const by = {rate: p => p.rate, errors: p => p.errors, kept: p => p.kept, p50: p => p.p50_seconds, p99: p => p.p99_seconds}
  return params => {
    const key = by[params.get('sort') ?? 'rate'], search = params.get('search') ?? ''
    const offset = Number(params.get('offset') ?? 0), limit = Number(params.get('limit') ?? 100)
    const found = all.filter(p => p.endpoint.name.includes(search)).sort((a, b) => key(b) - key(a))
    return {total: found.length, paths: found.slice(offset, offset + Math.min(limit, mostAtOnce))}
  }
}

const mostAtOnce = 2500 // about as many as the sampler puts into one answer

/** Services in layers that call those of the next layer. */
export function map(services, calls) {
  const part = (n, more) => ({...more, traces: 100 + n, rate: 1 + (n * 7919) % 500, kept_rate: 1 + n % 40, missed_by_uniform: (n % 100) / 100, missed: n % 100 > 80})
  const name = n => `service-${n}`, layers = 8, width = Math.ceil(services / layers)
  const edges = new Map()
  for (let n = 0; edges.size < calls; n++) {
    const from = n % (services - width), to = width * (1 + Math.floor(from / width)) + (n * 31 + Math.floor(n / services) * 7) % width
    if (to < services) edges.set(`${from} ${to}`, part(n, {caller: name(from), service: name(to)}))
  }
  return {
    traces: 1e6, kept: 0.1, unmapped: 0,
    services: Array.from({length: services}, (_, n) => part(n, {service: name(n)})),
    calls: [...edges.values()],
  }
}
