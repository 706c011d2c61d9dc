// Answers of the API that do not move, so that what a page shows can be held against them.

/** From now on each address is answered as it was when it was first asked for. The result finds the answer of a path. */
export async function freeze(page) {
  const answers = new Map()
  await page.route(u => /^\/(api\/|status)/.test(u.pathname), async route => {
    const url = new URL(route.request().url())
    if (route.request().method() !== 'GET') return await route.continue()
    url.searchParams.delete('from') // it moves
    const key = url.pathname + url.search
    if (!answers.has(key)) answers.set(key, route.fetch())
    await route.fulfill({response: await answers.get(key)})
  })
  return async path => {
    const key = [...answers.keys()].filter(k => k === path || k.startsWith(path + '?')).at(-1)
    if (!key) throw new Error(`the page did not ask for ${path}, but for ${[...answers.keys()].join(', ')}`)
    return await (await answers.get(key)).json()
  }
}
