// What the pages show is what the API said.
import assert from 'node:assert/strict'
import {after, before, test} from 'node:test'
import {open, show} from './browser.mjs'
import {freeze} from './freeze.mjs'
import {card, rows, says} from './shown.mjs'
import {views} from './views.mjs'

const view = await views()
const sum = list => list.reduce((a, b) => a + b, 0)
let browser
before(async () => (browser = await open()))
after(async () => await browser.close())

/** A view in a tab of its own, and the answers that it got. */
async function look(t, hash) {
  const page = await browser.context.newPage()
  t.after(() => page.close())
  const answer = await freeze(page)
  await show(page, hash)
  return {page, answer}
}

test('overview', async t => {
  const {page, answer} = await look(t, view.overview)
  const history = await answer('/api/sampling/history'), sampling = await answer('/api/sampling'), status = await answer('/status')
  const spans = sum(history.spans), kept = sum(history.kept.flatMap(k => k.spans))
  says((await card(page, 'Came in')).replace(' spans', ''), spans)
  says((await card(page, 'Kept')).replace(' spans', ''), kept)
  says(await card(page, 'Saved'), 1 - kept / spans)
  says(await card(page, 'Budget used'), sampling.budget.used)
  const attention = await page.getByRole('list', {name: 'What needs attention'}).innerText()
  for (const leg of status.unwatched) assert.ok(attention.includes(`Nobody watches what is lost behind ${leg.exporter}.`), attention)
  const {causes} = await answer('/api/causes?component=trace_diff&current=true')
  for (const c of causes.filter(c => c.confirmed && c.ended === null)) assert.ok(attention.includes(c.summary), attention)
})

test('paths', async t => {
  const {page, answer} = await look(t, view.paths)
  const {paths, total} = await answer('/api/sampling/paths')
  assert.ok(paths.length >= 5, 'there are paths')
  says((await page.locator('main p.quiet').first().innerText()).replace(' paths', ''), total)
  const shown = await rows(page, 'Execution paths')
  paths.slice(0, 15).forEach((p, i) => {
    const [service, endpoint, id, rate, errors, p50, p99, wait, kept] = shown[i]
    assert.equal(service, p.endpoint.service)
    assert.equal(endpoint.replace(' (all other paths)', ''), p.endpoint.name)
    assert.equal(id, p.path.slice(0, 8))
    says(rate, p.rate, 'rate')
    says(errors, p.errors, 'errors')
    says(p50, p.p50_seconds, 'p50')
    says(p99, p.p99_seconds, 'p99')
    says(wait, p.wait_seconds, 'wait')
    says(kept, p.kept, 'kept')
  })
})

test('a path', async t => {
  const {page, answer} = await look(t, view.path)
  const p = await answer('/api/' + view.path)
  says(await card(page, 'Rate'), p.rate)
  says(await card(page, 'Errors'), p.errors)
  says(await card(page, 'p50'), p.p50_seconds)
  says(await card(page, 'p99'), p.p99_seconds)
  says(await card(page, 'Wait'), p.wait_seconds)
  says(await card(page, 'Kept'), p.kept)
  decided(await rows(page, 'Decisions by reason'), p.decisions)
  const examples = await rows(page, 'Kept traces of this path')
  assert.equal(examples.length, p.exemplars.length)
  p.exemplars.forEach((e, i) => {
    assert.equal(examples[i][0], e.trace_id.slice(0, 12) + '…')
    says(examples[i][3], e.duration_seconds)
    says(examples[i][4], e.spans)
    says(examples[i][6], 1 / e.probability)
  })
})

function decided(shown, decisions) {
  assert.equal(shown.length, decisions.length)
  decisions.forEach((d, i) => {
    assert.deepEqual(shown[i].slice(0, 2), [d.kept ? 'kept' : 'dropped', d.reason])
    says(shown[i][2], d.traces)
    says(shown[i][3], d.spans)
    says(shown[i][4], d.share)
  })
}

test('map', async t => {
  const {page, answer} = await look(t, view.map)
  const map = await answer('/api/sampling/map')
  const same = (shown, parts, named) => {
    assert.ok(parts.length > 1)
    assert.equal(shown.length, parts.length)
    parts.forEach((p, i) => {
      assert.deepEqual(shown[i].slice(0, named.length), named.map(n => p[n] ?? ''))
      says(shown[i].at(-3), p.rate)
      says(shown[i].at(-2), p.kept_rate)
      says(shown[i].at(-1).replace(/\s+to be expected$/, ''), p.missed_by_uniform)
      assert.equal(shown[i].at(-1).endsWith('to be expected'), p.missed)
    })
  }
  same(await rows(page, 'Calls between services'), map.calls, ['caller', 'service'])
  same(await rows(page, 'Services'), map.services, ['service'])
  assert.equal(await page.locator('.graph .node').count(), map.services.length)
  assert.equal(await page.locator('.graph .edge').count(), map.calls.length)
})

test('budget', async t => {
  const {page, answer} = await look(t, view.budget)
  const s = await answer('/api/sampling')
  says((await card(page, 'Budget')).replace('% of the spans', '').trim(), s.budget.value)
  says(await card(page, 'Used'), s.budget.used)
  says(await card(page, 'Comes in'), s.budget.offered)
  says(await card(page, 'Memory'), s.memory.bytes)
  says(await card(page, 'Paths'), s.learned.paths)
  decided(await rows(page, 'Decisions by reason'), s.decisions)
})

test('why', async t => {
  const {page, answer} = await look(t, view['why-trace'])
  const x = await answer('/api/sampling/traces/' + view['why-trace'].split('/').at(-1))
  const text = await page.locator('main').innerText()
  assert.ok(text.includes(x.trace_id) && text.includes(`th:${x.outcome.th}`) && text.includes(x.reasons.reason), text)
  says(/probability\n(.*?): if kept/.exec(text)[1], x.reasons.probability)
})

const unitOf = {seconds: text => text, share_of_traces: text => text}

test('what happened', async t => {
  const {page, answer} = await look(t, view.changes)
  const {causes} = await answer('/api/causes')
  assert.ok(causes.length > 0, 'something happened')
  const shown = await rows(page, 'What happened')
  causes.slice(0, 20).forEach((c, i) => {
    assert.equal(shown[i][0], !c.confirmed ? 'suspected' : c.current && c.ended === null ? 'lasts' : 'over')
    assert.equal(shown[i][1], c.summary)
    if (c.unit in unitOf) {
      says(shown[i][3], c.before, c.summary)
      says(shown[i][4], c.after, c.summary)
    }
  })
})

test('diffs', async t => {
  const {page, answer} = await look(t, view.diffs)
  const diffs = await answer('/api/diffs')
  const shown = await rows(page, 'Diffs')
  assert.equal(shown.length, diffs.length)
  diffs.forEach((d, i) => {
    const [a, b] = shown[i][4].split(' → ')
    says(a, d.a.coverage.traces)
    says(b, d.b.coverage.traces)
    says(shown[i][5], d.flagged)
    assert.equal(shown[i][6], d.causes[0]?.summary ?? 'nothing changed that is certain')
  })
})

test('a diff', async t => {
  const {page, answer} = await look(t, view.diff)
  const d = await answer('/api/diffs/' + view.diff.split('/').at(-1))
  for (const [title, side] of [[/^A, /, d.a], [/^B/, d.b]]) {
    const text = await page.locator('.card', {has: page.getByRole('heading', {name: title})}).first().innerText()
    const [, traces, spans] = /rests on\n(.*) traces, (.*) spans/.exec(text)
    says(traces, side.coverage.traces)
    says(spans, side.coverage.spans)
  }
  const changes = d.changes.filter(c => c.flagged)
  assert.ok(changes.length > 0)
  const table = page.getByRole('table', {name: 'Changes'}).last()
  assert.equal(await table.getAttribute('aria-rowcount'), String(changes.length + 1))
  const field = {latency: 'geometric_mean_seconds', waiting: 'wait_geometric_mean_seconds', slowest: 'p99_seconds', errors: 'error_trace_share', calls: 'per_trace'}
  const shown = await table.evaluate(t => [...t.tBodies[0].rows].filter(r => r.ariaHidden !== 'true').map(r => [...r.cells].map(c => c.innerText.trim())))
  let measured = 0
  changes.slice(0, shown.length).forEach((c, i) => {
    assert.equal(shown[i][2], c.measure)
    if (field[c.measure]) {
      says(shown[i][3], c.a[field[c.measure]], `A of ${c.measure}`)
      says(shown[i][4], c.b[field[c.measure]], `B of ${c.measure}`)
      measured++
    } else {
      says(shown[i][3].replace(/ traces$/, '').replace('none', '0'), c.a.traces)
      says(shown[i][4].replace(/ traces$/, '').replace('none', '0'), c.b.traces)
    }
    if (c.effect !== null) {
      const [, effect, low, high] = /^(.+?) \((.*) to (.*)\)$/.exec(shown[i][5])
      says(effect, c.effect)
      says(low, c.low)
      says(high, c.high)
    }
  })
  t.diagnostic(`${changes.length} changes, ${measured} of them with figures`)
})

test('windows, system and evolution', async t => {
  const snapshots = await look(t, view.compare)
  const windows = await snapshots.answer('/api/snapshots')
  const listed = await rows(snapshots.page, 'Windows')
  assert.equal(listed.length, windows.length)
  windows.forEach((w, i) => {
    says(listed[i][4], w.coverage.traces)
    says(listed[i][5], w.coverage.spans)
  })

  const system = await look(t, view.system)
  const topology = await system.answer('/api/topology')
  const calls = await rows(system.page, 'Calls between services')
  assert.equal(calls.length, topology.calls.length)
  topology.calls.forEach((c, i) => {
    assert.deepEqual(calls[i].slice(0, 2), [c.from_service, c.to_service])
    says(calls[i][2], c.spans_per_second)
    says(calls[i][3], c.error_share)
    says(calls[i][4], c.p50_seconds)
    says(calls[i][5], c.p99_seconds)
  })

  const evolution = await look(t, view.evolution)
  const services = (await evolution.answer('/api/evolution')).parts.filter(p => p.kind === 'service')
  const parts = await rows(evolution.page, 'Evolution')
  assert.equal(parts.length, services.length)
  services.forEach((p, i) => {
    assert.equal(parts[i][1], p.service)
    const [before, after] = parts[i][4].split(' → ')
    says(before, p.before.spans_per_second)
    says(after, p.after.spans_per_second)
  })
})

test('queries', async t => {
  const {page, answer} = await look(t, view.queries)
  const queries = await answer('/api/queries')
  const shown = await rows(page, 'Queries')
  assert.equal(shown.length, queries.length)
  queries.forEach((q, i) => {
    assert.deepEqual(shown[i].slice(0, 3), [q.name, q.query, q.group_by_keys.join(', ')])
    says(shown[i][3], q.window_seconds)
    says(shown[i][5], q.thresholds.fdr)
  })
})

test('health', async t => {
  const {page, answer} = await look(t, view.health)
  const status = await answer('/status')
  const text = await page.locator('main').innerText()
  assert.ok(text.includes(status.summary), text)
  for (const v of status.vantages) {
    const shown = await page.locator('.card', {has: page.getByRole('heading', {name: v.name})}).innerText()
    says(/delivered ([\d,]+)/.exec(shown)[1], v.verdicts.delivered)
    says(/delivery latency\n(.*?) in the median/.exec(shown)[1], v.delays.p50_seconds)
    const {good, bad} = v.slo.completeness
    says(/whole, unchanged, once\n(.*?) of /.exec(shown)[1], good / (good + bad))
  }
  const {uptime} = await answer('/api/sentinel/uptime')
  for (const [name, title] of [['24h', 'last 24 hours'], ['7d', 'last 7 days'], ['30d', 'last 30 days'], ['90d', 'last 90 days']]) {
    const heading = await page.getByRole('heading', {name: title}).innerText()
    says(/ok for (.*? %)/.exec(heading)[1], uptime[name].share_ok)
    assert.equal(await page.locator(`svg.bars[aria-label^="${title}"] > g`).count(), uptime[name].bars.length)
  }
})
