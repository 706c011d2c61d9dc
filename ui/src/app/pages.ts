// A page is one folder below src/pages with a file page.ts that exports it; being there is enough to be in the menu.
import type {ComponentType} from 'preact'

export interface Page {
  name: string // first part of its links
  title: string
  order: number // in the menu
  route: string // that a component must serve for the page to have something to show
  without: string // what to do where none does
  view: ComponentType<PageProps>
}

export interface PageProps {
  parts: string[] // of the link, behind the page's name
}

const found = import.meta.glob<{page: Page}>('../pages/*/page.ts', {eager: true})

export const pages: Page[] = Object.values(found)
  .map(module => module.page)
  .sort((a, b) => a.order - b.order)
