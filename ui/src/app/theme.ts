// Light or dark: as the system says, unless somebody has chosen.
import {effect, signal} from '@preact/signals'

export type Theme = 'system' | 'light' | 'dark'
const key = 'assay-theme'
const themes: Theme[] = ['system', 'light', 'dark']

function stored(): Theme {
  try {
    const theme = localStorage.getItem(key) as Theme
    return themes.includes(theme) ? theme : 'system'
  } catch {
    return 'system' // the browser keeps nothing
  }
}

const choice = signal<Theme>(stored())
const dark = matchMedia('(prefers-color-scheme: dark)')
const systemDark = signal(dark.matches)

/** What is seen: a change means that colours are read anew. */
export const theme = signal<'light' | 'dark'>('light')

export function follow(): void {
  dark.addEventListener('change', e => (systemDark.value = e.matches))
  effect(() => {
    const seen = choice.value === 'system' ? (systemDark.value ? 'dark' : 'light') : choice.value
    document.documentElement.dataset.theme = seen
    theme.value = seen
  })
}

export const chosenTheme = choice

export function nextTheme(): void {
  choice.value = themes[(themes.indexOf(choice.value) + 1) % themes.length] ?? 'system'
  try {
    localStorage.setItem(key, choice.value)
  } catch {
    // The choice holds until the page is closed.
  }
}
