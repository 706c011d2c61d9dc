// An API that goes away and comes back, a bad verdict, and a clock that is hours off.
import assert from 'node:assert/strict'
import {after, before, test} from 'node:test'
import {ask, open, settled, show, until} from './browser.mjs'
import {rows} from './shown.mjs'
import {views} from './views.mjs'

const view = await views()
let browser
before(async () => (browser = await open()))
after(async () => await browser.close())

async function tab(t) {
  const page = await browser.context.newPage()
  t.after(() => page.close())
  return page
}

// How long a view may wait before it asks again, ms.
const refreshed = 30_000

const api = url => /^\/(api\/|status)/.test(url.pathname)

for (const [name, caption] of Object.entries({paths: 'Execution paths', map: 'Services', diffs: 'Diffs', health: undefined})) {
  test(`${name}: the API goes away and comes back`, async t => {
    const page = await tab(t)
    await page.clock.install()
    await page.setViewportSize({width: 1400, height: 300}) // there is something to scroll
    await show(page, view[name])
    const old = page.getByRole('status').filter({hasText: 'Not up to date'}).first()
    const before = caption && (await rows(page, caption)).length
    await page.evaluate(() => scrollTo(0, 150))
    await page.route(api, route => route.abort())
    await page.clock.fastForward(refreshed)
    await old.waitFor()
    assert.match(await old.innerText(), /from (now|\d+ s ago)\. The collector does not answer/)
    if (caption) assert.ok((await rows(page, caption)).length >= before, 'the data stays')
    assert.ok((await page.evaluate(() => scrollY)) >= 150, 'the scroll stays')
    await page.unroute(api)
    await page.clock.fastForward(refreshed)
    await old.waitFor({state: 'detached'})
    assert.ok((await page.evaluate(() => scrollY)) >= 150, 'the scroll stays')
  })
}

test('overview: parts that cannot be had are named, and what was there stays', async t => {
  const page = await tab(t)
  await page.clock.install()
  await show(page, view.overview)
  const cards = await until('there are figures', () => page.locator('.card').count())
  const broken = url => url.pathname === '/api/sampling/history'
  await page.route(broken, route => route.fulfill({status: 500, json: {message: 'the disk is gone'}}))
  await page.clock.fastForward(refreshed)
  const said = page.getByText('the disk is gone').first()
  await said.waitFor()
  assert.equal(await page.locator('.card').count(), cards)
  await page.unroute(broken)
  await page.clock.fastForward(refreshed)
  await said.waitFor({state: 'detached'})
})

test('overview: a part that never answered does not load for ever', async t => {
  const page = await tab(t)
  await page.route(u => u.pathname === '/api/sampling/history', route => route.fulfill({status: 500, json: {message: 'the disk is gone'}}))
  await show(page, view.overview)
  await page.getByText('the disk is gone').first().waitFor()
})

test('a diff is asked for again by hand', async t => {
  const page = await tab(t)
  await page.route(api, route => (route.request().url().includes('/api/diffs/') ? route.abort() : route.fallback()))
  await show(page, view.diff)
  const again = page.getByRole('alert').getByRole('button', {name: 'Try again'})
  await again.waitFor()
  await page.unrouteAll()
  await again.click()
  await page.getByRole('heading', {name: 'Changes', level: 2, exact: true}).waitFor()
})

test('503 of the sentinel is a verdict', async t => {
  const page = await tab(t)
  await page.route(u => u.pathname === '/status', async route => {
    const real = await (await route.fetch()).json()
    const failing = [{verdict: 'missing', vantage: 'jaeger', operation: 'frontend/GET /', since: real.since, last: real.at, count: 12, trace_id: '6566ca7e726ffca5deb90606b01819f7', detail: 'span 3 of <b>'}]
    await route.fulfill({status: 503, json: {...real, state: 'degraded', summary: 'jaeger has lost 20 % of the traces.', failing}})
  })
  await show(page, view.health)
  const verdict = page.getByRole('status').first()
  assert.match(await verdict.innerText(), /^degraded jaeger has lost 20 % of the traces\./)
  const [[what, vantage, operation, , count, latest]] = await rows(page, 'What fails')
  assert.deepEqual([what, vantage, operation, count, latest], ['missing', 'jaeger', 'frontend/GET /', '12', '6566ca7e726f… span 3 of <b>'])
  assert.equal(await page.getByRole('alert').count(), 0)
  await show(page, view.overview)
  await page.getByRole('list', {name: 'What needs attention'}).getByText('jaeger has lost 20 % of the traces.').waitFor()
})

for (const hours of [-7, 5]) {
  test(`a browser whose clock is ${hours} hours off shows right ages`, async t => {
    const page = await tab(t)
    await page.addInitScript(off => {
      const Real = Date
      globalThis.Date = class extends Real {
        constructor(...args) {
          if (args.length) super(...args)
          else super(Real.now() + off)
        }
        static now = () => Real.now() + off
      }
    }, hours * 3600_000)
    await show(page, view.health)
    assert.match(await page.getByRole('status').first().innerText(), /the verdict is from (now|\d+ s ago)\./)
    await page.getByText(/the clock of this computer differs from the collector's by/).waitFor()
    await show(page, view.overview)
    assert.ok((await ask('/api/sampling/history')).traces.length > 0)
    const came = await page.locator('.card', {hasText: 'Came in'}).locator('.value').innerText()
    assert.notEqual(came, '0 spans', 'the last hour is the hour of the collector')
    await show(page, view.changes)
    await page.getByRole('table', {name: 'What happened'}).waitFor()
  })
}

test('a link to what is not there says so', async t => {
  const page = await tab(t)
  await show(page, 'sampling/paths/0000000000000000')
  await page.getByText('This path is not known').waitFor()
  await show(page, 'changes/diffs/0000')
  await page.getByText('This diff is not there any more').waitFor()
  await show(page, 'sampling?sort=%3Cscript%3E')
  await page.getByRole('alert').waitFor()
  await show(page, 'nowhere/%E0%A4%A')
  await settled(page)
  await until('the page says what there is', async () => (await page.locator('main').innerText()).includes('There is no page “nowhere”'))
})
