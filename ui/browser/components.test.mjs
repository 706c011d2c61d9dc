// Two trace_diff and two sentinels in one collector: there is a picker, and both answer.
import assert from 'node:assert/strict'
import {after, before, test} from 'node:test'
import {ask, open, settled, show, until} from './browser.mjs'
import {rows} from './shown.mjs'

let browser
before(async () => (browser = await open()))
after(async () => await browser.close())

const {routes} = await ask('/api/console')
const answering = path => routes.find(r => r.path === path && r.method === 'GET').components

test('two trace_diff', async () => {
  const {page} = browser, all = answering('/api/queries')
  assert.equal(all.length, 2)
  await show(page, 'changes/queries')
  const picker = page.getByLabel('Component')
  assert.deepEqual(await picker.locator('option').allInnerTexts(), all)
  for (const id of all) {
    await picker.selectOption(id)
    const queries = (await ask('/api/queries?component=' + encodeURIComponent(id))).map(q => q.name)
    await until(`the queries of ${id}`, async () => {
      await settled(page)
      return JSON.stringify((await rows(page, 'Queries')).map(r => r[0])) === JSON.stringify(queries)
    })
    await page.reload()
    await settled(page)
    assert.equal(await picker.inputValue(), id)
    await page.getByRole('link', {name: 'Diffs'}).click()
    await settled(page)
    const shown = await rows(page, 'Diffs')
    assert.ok(shown.length > 0)
    await page.getByRole('link', {name: 'Queries'}).click()
    await settled(page)
  }
  assert.deepEqual(browser.seen.errors, [])
})

test('two sentinels', async () => {
  const {page} = browser, all = answering('/status')
  assert.equal(all.length, 2)
  await show(page, 'health')
  for (const id of all) {
    await page.getByLabel('Component').selectOption(id)
    const vantage = id.replace('sentinel/', 'sentinel/seen-')
    await page.getByRole('heading', {name: vantage}).waitFor()
    assert.equal(await page.locator('.card h3').count(), 1)
  }
  assert.deepEqual(browser.seen.errors, [])
})

test('a component that is not there is the first one', async () => {
  const {page} = browser
  await show(page, 'health?component=sentinel%2Fgone')
  assert.equal(await page.getByLabel('Component').inputValue(), answering('/status')[0])
  assert.equal(await page.getByRole('alert').count(), 0)
})
