// A browser as a user has one, and an account of what it does beside showing the page.
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {chromium} from 'playwright-core'

const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
]

/** The console's address, such as http://127.0.0.1:4000. */
export const address = process.env.ASSAY_CONSOLE ?? 'http://localhost:4000'

/** A browser with a profile of its own; close ends it and removes the profile. */
export async function open(options = {}) {
  const profile = await mkdtemp(join(tmpdir(), 'assay-browser-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true, args: flags, viewport: {width: 1400, height: 900}, colorScheme: 'light', ...options,
  })
  context.setDefaultTimeout(15_000)
  const seen = {errors: [], foreign: []}
  const watch = page => {
    page.on('console', m => m.type() === 'error' && seen.errors.push(`${m.text()} ${m.location().url}`))
    page.on('pageerror', e => seen.errors.push(String(e)))
    page.on('request', r => {
      if (!r.url().startsWith(address) && !/^(blob|data|about):/.test(r.url())) seen.foreign.push(r.url())
    })
  }
  context.pages().forEach(watch)
  context.on('page', watch)
  return {
    context, seen,
    page: context.pages()[0] ?? (await context.newPage()),
    close: async () => {
      await context.close()
      await rm(profile, {recursive: true, force: true})
    },
  }
}

/** The JSON of a route of the API. */
export async function ask(path, init) {
  const response = await fetch(address + path, {headers: {Accept: 'application/json', 'Content-Type': 'application/json'}, ...init})
  return await response.json()
}

/** Opens a view anew, and waits until it has what it asks for. */
export async function show(page, hash) {
  await page.goto('about:blank')
  await page.goto(`${address}/#/${hash}`)
  await settled(page)
}

/** Waits until nothing of the view is still to come. */
export async function settled(page) {
  await page.locator('main > *').first().waitFor()
  // The footer names the version as soon as the page knows which components there are, and what to ask for.
  await page.locator('footer').getByText('assay').first().waitFor()
  await until('the view has loaded', async () => !/Loading…|Asking…|being laid out/.test(await page.locator('main').textContent()))
}

/** Waits until check says something that is true, and returns that. */
export async function until(what, check, limit = 15_000) {
  const end = Date.now() + limit
  for (;;) {
    const said = await check()
    if (said) return said
    if (Date.now() > end) throw new Error(`${what}: not within ${limit} ms`)
    await new Promise(resolve => setTimeout(resolve, 25))
  }
}
