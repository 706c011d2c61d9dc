// Pictures of the pages for the documentation, into the folder that ASSAY_SCREENSHOTS names.
import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {after, before, test} from 'node:test'
import {open, show} from './browser.mjs'
import {views} from './views.mjs'

const folder = process.env.ASSAY_SCREENSHOTS
const shown = ['overview', 'paths', 'path', 'map', 'budget', 'why-trace', 'changes', 'diff', 'system', 'evolution', 'queries', 'health']

let browser
before(async () => {
  if (folder) [browser] = [await open({reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'UTC'}), await mkdir(folder, {recursive: true})]
})
after(async () => await browser?.close())

for (const [name, hash] of Object.entries(await views())) {
  if (!shown.includes(name)) continue
  test(name, {skip: !folder && 'ASSAY_SCREENSHOTS names no folder'}, async () => {
    await show(browser.page, hash + '?range=15m')
    await browser.page.evaluate(() => document.fonts.ready)
    await browser.page.screenshot({path: join(folder, `console-${name}.png`)})
  })
}
