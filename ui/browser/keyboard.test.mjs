// Everything can be reached and done with the keyboard, and the focus is never lost.
import assert from 'node:assert/strict'
import {after, before, test} from 'node:test'
import {open, show, until} from './browser.mjs'

let browser
before(async () => (browser = await open()))
after(async () => await browser.close())

const focused = page => page.evaluate(() => ({tag: document.activeElement.tagName, id: document.activeElement.id, text: document.activeElement.textContent.trim()}))

async function tabTo(page, text, most = 40) {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab')
    if ((await focused(page)).text.startsWith(text)) return
  }
  assert.fail(`${text} cannot be reached with the tabulator`)
}

test('skip link and menu', async () => {
  const {page} = browser
  await show(page, 'overview')
  await page.keyboard.press('Tab')
  assert.equal((await focused(page)).text, 'Skip to content')
  assert.ok((await page.locator('.skip').boundingBox()).x >= 0, 'it is seen')
  await page.keyboard.press('Enter')
  assert.equal((await focused(page)).id, 'main')
  await show(page, 'overview')
  await tabTo(page, 'Sampling')
  await page.keyboard.press('Enter')
  await page.getByRole('table', {name: 'Execution paths'}).waitFor()
  assert.equal(await page.getByRole('navigation', {name: 'Pages'}).locator('[aria-current=page]').innerText(), 'Sampling')
})

test('a sort button keeps the focus', async () => {
  const {page} = browser
  await show(page, 'sampling')
  await tabTo(page, 'p99')
  await page.keyboard.press('Enter')
  await page.locator('th[aria-sort=descending]', {hasText: 'p99'}).waitFor()
  await until('the new order is there', async () => (await page.locator('[aria-busy=true]').count()) === 0)
  assert.match((await focused(page)).text, /^p99/)
})

test('a filter keeps the focus while it is typed', async () => {
  const {page} = browser
  await show(page, 'sampling')
  await page.getByLabel('Find an endpoint').focus()
  await page.keyboard.type('dispatch')
  await until('the link has it', () => page.url().includes('search=dispatch'))
  assert.equal((await focused(page)).tag, 'INPUT')
  assert.equal(await page.getByLabel('Find an endpoint').inputValue(), 'dispatch')
})

for (const [hash, opener, end] of [
  ['changes/queries', 'Add a query', 'Escape'], ['changes/queries', 'Add a query', 'Cancel'],
  ['health', 'Add a window', 'Escape'], ['health', 'Announce', 'Cancel'],
]) {
  test(`the dialog of “${opener}” closes with ${end} and gives the focus back`, async () => {
    const {page} = browser
    await show(page, hash)
    await page.getByRole('button', {name: opener}).focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    assert.equal((await focused(page)).tag, 'INPUT')
    if (end === 'Escape') await page.keyboard.press('Escape')
    else {
      await tabTo(page, end)
      await page.keyboard.press('Enter')
    }
    await dialog.waitFor({state: 'detached'})
    assert.equal((await focused(page)).text, opener)
    // It opens again.
    await page.keyboard.press('Enter')
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({state: 'detached'})
  })
}

test('colours are chosen with a key, and kept', async () => {
  const {page} = browser
  await show(page, 'overview')
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme)
  await tabTo(page, '◐')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  assert.equal(await theme(), 'dark')
  await page.reload()
  await until('it is still dark', async () => (await theme()) === 'dark')
})
