// What the console adds, changes and removes is so in the API, and what is wrong is said.
import assert from 'node:assert/strict'
import {after, before, test} from 'node:test'
import {ask, open, show, until} from './browser.mjs'
import {rows} from './shown.mjs'

let browser
before(async () => (browser = await open()))
after(async () => await browser.close())

const named = async name => (await ask('/api/queries')).find(q => q.name === name)

test('a query: wrong, mended, added, changed, deleted', async () => {
  const {page} = browser, name = 'errors of the "shop" <b>'
  await show(page, 'changes/queries')
  await page.getByRole('button', {name: 'Add a query'}).click()
  const dialog = page.getByRole('dialog'), text = dialog.getByLabel('Which traces')
  await dialog.getByLabel('Name').fill(name)
  await text.fill('service IN ("frontend"')
  const wrong = (await ask('/api/query-syntax?text=' + encodeURIComponent('service IN ("frontend"'))).message
  await dialog.getByRole('status').getByText(wrong).waitFor() // while it is typed
  assert.equal(await text.getAttribute('aria-invalid'), 'true')
  await dialog.getByRole('button', {name: 'Add'}).click()
  await dialog.getByRole('alert').waitFor() // and where it is sent all the same
  await text.fill('service IN ("frontend")')
  await dialog.getByText('The query is well formed.').waitFor()
  await dialog.getByLabel('Grouped by').fill('http.method, http.status_code')
  await dialog.getByRole('button', {name: 'Add'}).click()
  await page.getByRole('cell', {name}).waitFor()
  const added = await named(name)
  assert.equal(added.query, 'service IN ("frontend")')
  assert.deepEqual(added.group_by_keys, ['http.method', 'http.status_code'])
  assert.equal(added.window_seconds, 600)

  // What the form does not have stays as it is.
  await ask('/api/queries/' + added.id, {method: 'PUT', body: JSON.stringify({...added, lateness_seconds: 77, scope: 'span'})})
  await page.reload()
  const row = page.getByRole('row', {name})
  await row.getByRole('button', {name: 'Edit'}).click()
  await dialog.getByLabel('Window, minutes').fill('5')
  await dialog.getByRole('button', {name: 'Change'}).click()
  await dialog.waitFor({state: 'detached'})
  const changed = await named(name)
  assert.equal(changed.window_seconds, 300)
  assert.deepEqual([changed.lateness_seconds, changed.scope, changed.group_by_keys], [77, 'span', added.group_by_keys])

  await row.getByRole('button', {name: 'Delete'}).click()
  await row.getByRole('button', {name: 'Sure?'}).click()
  await row.waitFor({state: 'detached'})
  assert.equal(await named(name), undefined)
})

test('a query of the configuration cannot be changed', async () => {
  const {page} = browser
  await show(page, 'changes/queries')
  const configured = (await ask('/api/queries')).filter(q => q.source === 'config')
  assert.ok(configured.length > 0)
  for (const q of configured) {
    const row = page.getByRole('row', {name: q.name})
    await row.getByText('from the configuration').waitFor()
    assert.equal(await row.getByRole('button').count(), 0)
  }
})

test('a maintenance window', async () => {
  const {page} = browser, text = 'a new disk'
  await show(page, 'health')
  await page.getByRole('button', {name: 'Add a window'}).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('What is done').fill(text)
  const from = await dialog.getByLabel('From').inputValue()
  await dialog.getByLabel('To', {exact: true}).fill('2020-01-01T00:00')
  await dialog.getByRole('button', {name: 'Add'}).click()
  await dialog.getByRole('alert').waitFor() // it would end before it begins
  await dialog.getByLabel('To', {exact: true}).fill(from.slice(0, 10) + 'T23:59')
  await dialog.getByRole('button', {name: 'Add'}).click()
  await page.getByRole('row', {name: text}).waitFor()
  const [made] = (await ask('/api/maintenance')).maintenance.filter(w => w.text === text)
  assert.equal(new Date(made.from).getTime(), new Date(from).getTime())
  await gone(page, text)
  assert.deepEqual((await ask('/api/maintenance')).maintenance, [])
})

test('an announcement', async () => {
  const {page} = browser, text = 'Searches are slow <i>today</i>'
  await show(page, 'health')
  await page.getByRole('button', {name: 'Announce'}).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Text').fill(text)
  await dialog.getByLabel('Severity').selectOption('critical')
  await dialog.getByRole('button', {name: 'Announce'}).click()
  await page.getByRole('row', {name: text}).waitFor()
  const [made] = (await ask('/api/announcements')).announcements
  assert.deepEqual([made.text, made.severity, made.until], [text, 'critical', null])
  const [[severity, , when]] = await rows(page, 'Announcements')
  assert.equal(severity, 'critical')
  assert.match(when, /further notice$/)
  await gone(page, text)
  assert.deepEqual((await ask('/api/announcements')).announcements, [])
})

async function gone(page, text) {
  const row = page.getByRole('row', {name: text})
  await row.getByRole('button', {name: 'Remove'}).click()
  await row.getByRole('button', {name: 'Sure?'}).click()
  await until('it is gone', async () => (await row.count()) === 0)
}
