// Requests to the console's API, typed by its OpenAPI document.
import {heardDate} from './clock'
import type {paths} from './schema'

type Json<R> = R extends {content: {'application/json': infer B}} ? B : never
type Operation<P extends keyof paths, M extends string> = M extends keyof paths[P] ? paths[P][M] : never
type Answers<O> = O extends {responses: infer R} ? R : never

/** The body of a successful answer. */
export type Answer<P extends keyof paths, M extends string = 'get'> = Json<
  Answers<Operation<P, M>>[keyof Answers<Operation<P, M>> & (200 | 201)]
>

export type Query = Record<string, string | number | boolean | undefined>

/** An answer that is no success, or none at all: then status is 0. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
  }
}

interface Request {
  in?: Record<string, string> // parts of the path
  query?: Query
  body?: unknown
  signal?: AbortSignal
}

export const get = <P extends keyof paths>(path: P, request: Request = {}): Promise<Answer<P>> => send('GET', path, request)
export const post = <P extends keyof paths>(path: P, request: Request = {}): Promise<Answer<P, 'post'>> => send('POST', path, request)
export const put = <P extends keyof paths>(path: P, request: Request = {}): Promise<Answer<P, 'put'>> => send('PUT', path, request)
export const remove = <P extends keyof paths>(path: P, request: Request = {}): Promise<Answer<P, 'delete'>> => send('DELETE', path, request)

/** The address of a route, relative to the page. */
export function address(path: string, request: Request = {}): string {
  const filled = path.replace(/\{([^}]+)\}/g, (_, name: string) => encodeURIComponent(request.in?.[name] ?? ''))
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(request.query ?? {})) if (value !== undefined && value !== '') query.set(name, String(value))
  const text = query.toString()
  return '.' + filled + (text && '?' + text) // relative: the console may live under a path
}

async function send<T>(method: string, path: string, request: Request): Promise<T> {
  const init: RequestInit = {method, headers: {Accept: 'application/json'}}
  if (request.signal) init.signal = request.signal
  if (request.body !== undefined) {
    init.body = JSON.stringify(request.body)
    init.headers = {Accept: 'application/json', 'Content-Type': 'application/json'}
  }
  let response: Response
  try {
    response = await fetch(address(path, request), init)
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError(0, 'The collector does not answer. It may be restarting; this page goes on when it is back.')
  }
  heardDate(response.headers.get('Date'))
  const text = await response.text()
  const body = parsed(text)
  // The sentinel answers a bad verdict with 503, and the verdict.
  if (response.ok || (body !== undefined && typeof (body as {state?: unknown}).state === 'string')) return body as T
  throw new ApiError(response.status, problem(response.status, body))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function problem(status: number, body: unknown): string {
  const said = (body as {message?: unknown} | undefined)?.message
  if (typeof said === 'string') return said
  if (status === 401) return 'This console asks who you are. Log in with the credentials of its auth extension, and load the page again.'
  return `The answer has status ${status} and no message.`
}
