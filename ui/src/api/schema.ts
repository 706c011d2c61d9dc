type N = number | null
interface Operation {service: string; name: string; kind: string}
interface Path {path: string; endpoint: Operation; shared: boolean; traces: N; rate: N; errors: N; kept: N; p50_seconds: N; p90_seconds: N; p99_seconds: N; wait_seconds: N}
interface Reason {kept: boolean; reason: string; traces: number; spans: number; share: N}
interface Bucket {from_seconds: N; to_seconds: N; count: N}
interface MapPart {caller?: string; service: string; traces: N; rate: N; kept_rate: N; missed_by_uniform: N; missed: boolean}
interface Sign {name: string; strength: N; enough: N; operation?: Operation}
type Ok<B> = {responses: {200: {content: {'application/json': B}}}}
export interface paths {
  '/api/console': {get: Ok<{version: string; trace_url: string; routes: {method: string; path: string; summary: string; components: string[]}[]}>}
  '/api/sampling': {get: Ok<{
    budget: {unit: string; value: N; used: N; offered: N}
    decisions: Reason[]; since: string
    cutoffs: {baseline: N; weight: N; signs: {name: string; share: N; enough: N}[]}
    memory: {bytes: number; limit_bytes: number; traces: number; spans: number}
    learned: {paths: number; operations: number; folded_traces: number}
    warnings: string[]
  }>}
  '/api/sampling/paths': {get: Ok<{paths: Path[]; total: number}>}
  '/api/sampling/paths/{path}': {get: Ok<Path & {
    calls: {caller: Operation | null; callee: Operation}[]; histogram: {observed: Bucket[]; retained: Bucket[]}
    decisions: Reason[]; since: string
    exemplars: {trace_id: string; decided: string; reason: string; probability: N; duration_seconds: N; spans: number; error: boolean}[]
  }>}
  '/api/sampling/map': {get: Ok<{traces: N; kept: N; unmapped: N; services: MapPart[]; calls: MapPart[]}>}
  '/api/sampling/traces/{trace}': {get: Ok<{
    trace_id: string; fate: string; reasons_since: string; decisions_since: string
    open?: {first_seen: string; last_seen: string; spans: number; complete: boolean; latest: string}
    outcome?: {kept: boolean; dry_run: boolean; last_span: string; threshold: N; randomness: N; th: string; rv: string; late_spans: number}
    reasons?: {
      decided: string; latency_seconds: N; reason: string; rule?: string; probability: N; adjusted: N; baseline: N; weight: N; cutoff: N; signs: Sign[]
      excess_seconds: N; endpoint: Operation; spans: number; errors: number; duration_seconds: N; fragment: boolean; marked: boolean; incoming: N
    }
    path?: Path
  }>}
}
