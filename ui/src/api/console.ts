// What this console serves: which components answer which routes, and how traces are opened.
import {signal} from '@preact/signals'
import {get, type Answer} from './client'

export type Console = Answer<'/api/console'>

export const served = signal<Console | undefined>(undefined)
export const failure = signal<string | undefined>(undefined)

export async function askConsole(): Promise<void> {
  try {
    const next = await get('/api/console')
    if (JSON.stringify(next) !== JSON.stringify(served.value)) served.value = next
    failure.value = undefined
  } catch (error) {
    failure.value = (error as Error).message
  }
}

export function componentsAt(route: string): string[] {
  return served.value?.routes.find(r => r.path === route && r.method === 'GET')?.components ?? []
}

/** The component to ask at a route: the chosen one where it answers there, else the first. */
export function componentFor(route: string, chosen: string | null): string | undefined {
  const all = componentsAt(route)
  return chosen !== null && all.includes(chosen) ? chosen : all[0]
}

/** Where a trace opens, if the console is told. */
export function traceLink(id: string): string | undefined {
  const template = served.value?.trace_url
  return template && /^[0-9a-f]{32}$/.test(id) ? template.replaceAll('{trace_id}', id) : undefined
}
