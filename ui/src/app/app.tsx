// The frame of all pages: menu, stretch of time, and the page that the link names.
import type {JSX} from 'preact'
import {useEffect} from 'preact/hooks'
import {clockDifference, serverNow} from '../api/clock'
import {askConsole, componentsAt, failure, served} from '../api/console'
import {Empty} from '../parts/state'
import {duration, time} from '../parts/format'
import {pages, type Page} from './pages'
import {chosen, choose, spanTitles, type Span} from './range'
import {change, link, place} from './router'
import {chosenTheme, nextTheme} from './theme'

const askedEvery = 15_000

export function App(): JSX.Element {
  useEffect(() => {
    void askConsole()
    const timer = setInterval(() => document.visibilityState === 'visible' && void askConsole(), askedEvery)
    return () => clearInterval(timer)
  }, [])
  const [name = 'overview', ...parts] = place.value.parts
  const page = pages.find(p => p.name === name)
  useEffect(() => {
    document.title = (page ? page.title + ' · ' : '') + 'Assay'
  }, [page])
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>Skip to content</a>
      <header>
        <a class="brand" href={link(['overview'])}><img src="./icon.svg" alt="" width="24" height="24" /> Assay</a>
        <nav aria-label="Pages">
          {pages.map(p => (
            <a key={p.name} href={link([p.name])} aria-current={p === page ? 'page' : undefined}>{p.title}</a>
          ))}
        </nav>
        <RangePicker />
        <button type="button" class="plain" onClick={nextTheme} title="Light, dark, or as the system says">
          {{system: '◐', light: '☀', dark: '☾'}[chosenTheme.value]}<span class="unseen"> Colours: {chosenTheme.value}</span>
        </button>
      </header>
      <main id="main" tabIndex={-1}>
        <ConsoleNotice />
        {page ? <Shown page={page} parts={parts} /> : <Unknown name={name} />}
      </main>
      <footer>
        {served.value && <>assay {served.value.version}</>}
        {clockDifference() !== 0 && <> · the clock of this computer differs from the collector's by {duration(Math.abs(clockDifference()))}</>}
      </footer>
    </>
  )
}

function skip(event: Event): void {
  event.preventDefault() // the hash is the link of the view
  document.getElementById('main')?.focus()
}

function Shown({page, parts}: {page: Page; parts: string[]}): JSX.Element {
  const View = page.view
  // Which components there are, and what time it is there, comes before what they say.
  if (!served.value && failure.value === undefined) return <p class="notice" role="status">Loading…</p>
  if (served.value && page.route && componentsAt(page.route).length === 0) return <Empty>{page.without}</Empty>
  return (
    <>
      <ComponentPicker route={page.route} />
      <View parts={parts} />
    </>
  )
}

const Unknown = ({name}: {name: string}): JSX.Element => (
  <Empty>There is no page “{name}”. The menu above has those that there are.</Empty>
)

function ConsoleNotice(): JSX.Element | null {
  if (failure.value === undefined) return null
  return <p class="notice danger" role="alert">{failure.value}</p>
}

function ComponentPicker({route}: {route: string}): JSX.Element | null {
  const all = route ? componentsAt(route) : []
  if (all.length < 2) return null
  const present = place.value.params.get('component')
  return (
    <label class="picker">
      Component{' '}
      <select value={present !== null && all.includes(present) ? present : all[0]} onChange={e => change({component: e.currentTarget.value})}>
        {all.map(id => <option key={id}>{id}</option>)}
      </select>
    </label>
  )
}

function RangePicker(): JSX.Element {
  const {span, from, to} = chosen.value
  return (
    <label class="range">
      <span class="unseen">Stretch of time </span>
      <select value={span ?? 'chosen'} onChange={e => choose(e.currentTarget.value as Span)}>
        {span === undefined && <option value="chosen">{time(from, serverNow())} to {time(to, serverNow())}</option>}
        {Object.entries(spanTitles).map(([name, title]) => <option key={name} value={name}>{title}</option>)}
      </select>
    </label>
  )
}
