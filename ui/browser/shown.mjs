// What a page shows, read as a person reads it, and held against numbers.
import assert from 'node:assert/strict'

/** The rows of a table, each a list of the texts of its cells. */
export async function rows(page, caption) {
  return await page.getByRole('table', {name: caption, exact: true}).first().evaluate(table =>
    [...table.tBodies[0].rows].filter(r => r.getAttribute('aria-hidden') !== 'true').map(r => [...r.cells].map(c => c.innerText.trim())))
}

/** The value of the card with a title. */
export async function card(page, title) {
  return await page.locator('.card', {has: page.getByText(title, {exact: true})}).locator('.value').innerText()
}

const units = {
  '': 1, '%': 0.01, ns: 1e-9, 'µs': 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600, days: 86_400,
  k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40,
}

/** Requires that a text says a number, as exactly as its last digit does. */
export function says(text, number, what = '') {
  if (number === null || number === undefined) return assert.equal(text, '–', what)
  const m = /^([<>] )?(×?[+−-]?)([\d,]+)(\.\d+)?(e[+-]?\d+)? ?([%a-zA-Zµ]*?)(\/s)?$/.exec(text)
  assert.ok(m, `${what}: “${text}” is no figure`)
  const [, limit, sign, whole, part = '', power = '', unit] = m
  assert.ok(unit in units, `${what}: “${text}” has an unknown unit`)
  const scale = units[unit] * (power ? Number('1' + power) : 1)
  const value = (/[−-]/.test(sign) ? -1 : 1) * Number(whole.replaceAll(',', '') + part) * scale
  if (limit === '< ') return assert.ok(number < value && (number > 0 || value < 0), `${what}: “${text}” for ${number}`)
  if (limit === '> ') return assert.ok(number > value, `${what}: “${text}” for ${number}`)
  const half = 0.5 * 10 ** -Math.max(0, part.length - 1) * scale * 1.001
  assert.ok(Math.abs(value - number) <= half, `${what}: “${text}” for ${number}`)
}
