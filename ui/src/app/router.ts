// Every view is a link: "#/page/part/part?name=value". The hash needs nothing of the server, so that links work under any path of a
// reverse proxy and never meet the routes of an API.
import {signal} from '@preact/signals'

export interface Place {
  parts: string[] // of the path, decoded
  params: URLSearchParams
}

export type Params = Record<string, string | number | undefined>

// What a link to another page takes along.
const carried = ['range', 'from', 'to', 'component']

export function parse(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  return {parts: path.split('/').filter(Boolean).map(decode), params: new URLSearchParams(query)}
}

// A link that somebody cut or wrote by hand must open something.
function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

export function format(parts: string[], params: URLSearchParams): string {
  const query = params.toString()
  return '#/' + parts.map(encodeURIComponent).join('/') + (query && '?' + query)
}

export const place = signal<Place>(parse(globalThis.location?.hash ?? ''))

export function listen(): void {
  addEventListener('hashchange', () => (place.value = parse(location.hash)))
}

// The link to a place; an undefined parameter is left out.
export function link(parts: string[], params: Params = {}): string {
  const all = new URLSearchParams()
  for (const name of carried) {
    const value = place.value.params.get(name)
    if (value !== null) all.set(name, value)
  }
  return format(parts, merged(all, params))
}

export function go(parts: string[], params: Params = {}): void {
  location.hash = link(parts, params)
}

// Change parameters of the present view, without a step in the history: sorting, typing a filter.
export function change(params: Params): void {
  const {parts, params: present} = place.value
  const hash = format(parts, merged(new URLSearchParams(present), params))
  history.replaceState(null, '', hash)
  place.value = parse(hash)
}

function merged(base: URLSearchParams, params: Params): URLSearchParams {
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined || value === '') base.delete(name)
    else base.set(name, String(value))
  }
  return base
}
