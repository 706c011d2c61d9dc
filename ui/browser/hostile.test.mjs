// Names that are meant to do harm, of services, operations, versions and attributes, are shown as text on every page.
// The collector of this test has seen those of test/e2e/console_hostile_test.go.
import assert from 'node:assert/strict'
import {after, before, test} from 'node:test'
import {ask, open, settled, show} from './browser.mjs'
import {rows} from './shown.mjs'

let browser
before(async () => (browser = await open()))
after(async () => await browser.close())

// What every payload would set.
const harmed = page => page.evaluate(() => globalThis.assayHarmed)

async function links() {
  const all = ['overview', 'sampling', 'sampling/map', 'sampling/budget', 'changes', 'changes/diffs', 'changes/snapshots', 'changes/system',
    'changes/evolution', 'changes/evolution?kind=operation', 'changes/evolution?kind=edge', 'changes/queries', 'health']
  const {paths} = await ask('/api/sampling/paths?limit=1000')
  const bad = paths.filter(p => p.endpoint.service !== 'clockmaker')
  assert.ok(bad.length >= 14, `${bad.length} paths have hostile names`)
  for (const p of bad) all.push('sampling/paths/' + p.path)
  const {exemplars} = await ask('/api/sampling/paths/' + bad[0].path)
  if (exemplars[0]) all.push('sampling/why/' + exemplars[0].trace_id)
  for (const d of (await ask('/api/diffs?component=trace_diff%2Feast')).filter(d => d.flagged > 0).slice(0, 2)) all.push('changes/diffs/' + d.id)
  return all
}

test('none of them runs, on any page', async t => {
  const {page, seen} = browser
  let dialogs = 0
  page.on('dialog', d => (dialogs++, d.dismiss()))
  const all = await links()
  for (const link of all) {
    await show(page, link)
    await page.locator('details').evaluateAll(all => all.forEach(d => (d.open = true)))
    assert.equal(await harmed(page), undefined, link)
    assert.equal(await page.locator('main script, main iframe, main object, main embed, main img[onerror], main [onload], main [onclick]').count(), 0, link)
    assert.equal(await page.locator('main a[href^="javascript:"], main a[href^="data:"]').count(), 0, link)
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    assert.ok(wide <= 0, `${link} is ${wide} px wider than the window`)
  }
  t.diagnostic(`${all.length} links`)
  assert.equal(dialogs, 0)
  assert.deepEqual(seen.errors, [])
  assert.deepEqual(seen.foreign, [])
})

test('they are text, without power over what is beside them', async () => {
  const {page} = browser
  await show(page, 'sampling')
  const names = (await rows(page, 'Execution paths')).flatMap(r => [r[0], r[1]])
  assert.ok(names.some(n => n.includes('<img src=x onerror=')), 'HTML is shown as it is')
  assert.ok(names.some(n => n.includes('\\u202e')), 'marks of direction are named')
  assert.ok(!names.some(n => n.includes('\u202e')), 'and have no effect')
  assert.ok(names.every(n => [...n].length <= 130), 'long names are cut')
  assert.ok(names.some(n => n.includes('�')), 'bytes that are no text are marked')
})

test('hostile links are text too', async () => {
  const {page} = browser
  const payload = encodeURIComponent('<img src=x onerror="globalThis.assayHarmed=1">')
  for (const link of [payload, `sampling/why/${payload}`, `sampling/paths/${payload}`, `changes/diffs/${payload}`, `sampling?search=${payload}&service=${payload}`, `changes?from=${payload}&to=${payload}`]) {
    await show(page, link)
    assert.equal(await harmed(page), undefined, link)
    assert.equal(await page.locator('main img').count(), 0, link)
  }
  await settled(page)
})
