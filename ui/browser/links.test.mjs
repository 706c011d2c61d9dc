// Every view is a link: it says the same when it is opened anew, and takes the stretch of time along.
import assert from 'node:assert/strict'
import {after, before, test} from 'node:test'
import {ask, open, settled, show, until} from './browser.mjs'
import {rows} from './shown.mjs'
import {views} from './views.mjs'

const view = await views()
let browser
before(async () => (browser = await open()))
after(async () => await browser.close())

const hash = page => new URL(page.url()).hash

test('paths, sorted and filtered', async () => {
  const {page} = browser
  await show(page, view.paths)
  await page.getByRole('button', {name: 'p99'}).click()
  await until('the link has it', () => hash(page).includes('sort=p99'))
  const {paths} = await ask('/api/sampling/paths?limit=500')
  const service = paths.find(p => p.endpoint.service !== 'assay-sentinel').endpoint.service
  await page.getByLabel('Service').fill(service)
  await page.getByLabel('Find an endpoint').fill('e')
  const filtered = async () => {
    const shown = await rows(page, 'Execution paths')
    return shown.length > 0 && shown.every(r => r[0] === service && /e/i.test(r[1])) && shown
  }
  const before = await until('the table is filtered', filtered)
  const link = hash(page)
  for (const part of ['sort=p99', 'search=e', 'service=' + service]) assert.ok(link.includes(part), link)
  await page.reload()
  await settled(page)
  assert.equal(hash(page), link)
  assert.equal(await page.getByLabel('Service').inputValue(), service)
  const after = await until('the table is filtered again', filtered)
  assert.deepEqual(after.map(r => r[2]), before.map(r => r[2]))
  assert.equal(await page.locator('th[aria-sort=descending]').innerText().then(t => t.trim().split(/\s/)[0]), 'p99')
})

test('a path and a diff', async () => {
  const {page} = browser
  for (const link of [view.path, view.diff]) {
    await show(page, link)
    const title = await page.locator('main h2').first().innerText()
    await page.reload()
    await settled(page)
    assert.equal(await page.locator('main h2').first().innerText(), title)
  }
})

test('the way back is the way there', async () => {
  const {page} = browser
  await show(page, view.paths)
  await page.locator('table a').first().click()
  await page.getByText('How long its traces take').waitFor()
  await page.goBack()
  await page.getByLabel('Find an endpoint').waitFor()
  assert.equal(hash(page), '#/' + view.paths)
})

test('a stretch of time, chosen by dragging over the chart', async () => {
  const {page} = browser
  await show(page, view.overview + '?range=15m')
  const chart = page.locator('.chart .u-over').first()
  await chart.waitFor()
  const now = Date.now() / 1000
  const box = await chart.boundingBox()
  const at = share => [box.x + box.width * share, box.y + box.height / 2]
  await page.mouse.move(...at(0.5))
  await page.mouse.down()
  await page.mouse.move(...at(0.6), {steps: 5})
  await page.mouse.move(...at(0.8), {steps: 5})
  await page.mouse.up()
  await until('the link has it', () => hash(page).includes('from='))
  const chosen = new URLSearchParams(hash(page).split('?')[1])
  const from = Date.parse(chosen.get('from')) / 1000, to = Date.parse(chosen.get('to')) / 1000
  assert.ok(Math.abs(from - (now - 450)) < 30, `from ${from - now}`)
  assert.ok(Math.abs(to - (now - 180)) < 30, `to ${to - now}`)

  // It is carried over by the menu and by the parts of a page, and is there after a reload.
  const requests = []
  page.on('request', r => requests.push(r.url()))
  await page.getByRole('navigation', {name: 'Pages'}).getByText('Changes').click()
  await page.getByRole('navigation', {name: 'Parts of Changes'}).getByText('Diffs').click()
  await settled(page)
  assert.ok(hash(page).startsWith('#/changes/diffs?'))
  assert.equal(new URLSearchParams(hash(page).split('?')[1]).get('from'), chosen.get('from'))
  await until('the diffs of that time are asked for', () => requests.some(r => r.includes('/api/diffs?') && new URL(r).searchParams.get('to') === chosen.get('to')))
  await page.reload()
  await settled(page)
  const picker = page.getByLabel('Stretch of time')
  assert.equal(await picker.inputValue(), 'chosen')
  await picker.selectOption('6h')
  assert.equal(hash(page), '#/changes/diffs?range=6h')
})
