// Every page and part of a page, in light and dark: it renders without an error or a request to anybody else, and axe finds nothing serious.
import assert from 'node:assert/strict'
import {readFile} from 'node:fs/promises'
import {createRequire} from 'node:module'
import {after, before, test} from 'node:test'
import {open, show} from './browser.mjs'
import {views} from './views.mjs'

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
let browser
before(async () => (browser = await open()))
after(async () => await browser.close())

for (const [name, hash] of Object.entries(await views())) {
  test(name, async () => {
    const {page, seen} = browser
    seen.errors.length = seen.foreign.length = 0
    await show(page, hash)
    assert.match(await page.title(), /Assay$/)
    assert.equal(await page.getByRole('alert').count(), 0, 'the view says that something is wrong')
    await page.evaluate(axe)
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({colorScheme})
      await page.locator(`html[data-theme=${colorScheme}]`).waitFor()
      const {violations} = await page.evaluate(() => globalThis.axe.run(document, {resultTypes: ['violations']}))
      const grave = violations.filter(v => v.impact === 'serious' || v.impact === 'critical')
      assert.deepEqual(grave.map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 200)).join(' | ')}`), [], colorScheme)
    }
    assert.deepEqual(seen.errors, [])
    assert.deepEqual(seen.foreign, [])
  })
}
