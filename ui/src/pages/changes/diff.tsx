// One diff: its causes, then all changes with both sides' figures, and where in the system they are.
import type {JSX} from 'preact'
import {useState} from 'preact/hooks'
import {get} from '../../api/client'
import {serverNow} from '../../api/clock'
import {useLive} from '../../api/live'
import {change as changeParams, place} from '../../app/router'
import {count, percent, secondsOf, time} from '../../parts/format'
import {Name} from '../../parts/name'
import {Badge, Facts, Trace} from '../../parts/small'
import {Empty, Loaded} from '../../parts/state'
import {ChangeTable} from './changes'
import {Group, measured} from './names'
import {differ, type Cause, type Diff} from './component'
import {baselineOf} from './latest'
import {PathTree} from './tree'

const listed = 300

export function DiffDetail({id}: {id: string}): JSX.Element {
  const component = differ()
  const live = useLive(`diff ${component} ${id}`, 0, signal => get('/api/diffs/{id}', {in: {id}, query: {component, changes: listed}, signal}))
  return <Loaded of={live} missing="This diff is not there any more: it was removed, or is older than the history that is kept.">{d => <Shown diff={d} />}</Loaded>
}

function Shown({diff: d}: {diff: Diff}): JSX.Element {
  const all = place.value.params.get('changes') === 'all'
  const shown = all ? d.changes : d.changes.filter(c => c.flagged)
  return (
    <>
      <h2><Name text={d.name} />: {d.flagged === 0 ? 'nothing changed that is certain' : `${count(d.causes.length)} ${d.causes.length === 1 ? 'cause' : 'causes'}, ${count(d.flagged)} changes`}</h2>
      <div class="columns">
        <Side title={`A, ${baselineOf(d.baseline)}`} of={d.a} />
        <Side title="B" of={d.b} />
      </div>
      <p class="quiet">
        {count(d.tests)} tests at a false discovery rate of {percent(d.thresholds.fdr)}; how much healthy windows differ was learned from {count(d.history_pairs)} pairs
        {d.groups_without_enough_data > 0 && <>; {count(d.groups_without_enough_data)} of {count(d.groups_total)} groups had not enough data</>}.
      </p>
      <CopyMarkdown id={d.id} />
      {d.causes.map((c, i) => <CauseCard key={c.main + i} n={i + 1} of={c} diff={d} />)}
      <h2>Changes</h2>
      <div class="toolbar">
        <label>
          <input type="checkbox" checked={all} onChange={e => changeParams({changes: e.currentTarget.checked ? 'all' : undefined})} /> also those that are not flagged
        </label>
        {d.truncated && <span class="quiet">{count(d.listed)} of {count(d.changes_total)} are listed</span>}
      </div>
      {shown.length === 0 ? <Empty>None is flagged.</Empty> : <ChangeTable of={shown} />}
      <PathTree diff={d} />
    </>
  )
}

function Side({title, of: s}: {title: string; of: Diff['a']}): JSX.Element {
  const now = serverNow()
  const versions = s.versions.map(v => `${v.service} ${v.version}`).join(', ')
  return (
    <section class="card">
      <h3>{title} {s.state !== 'complete' && <Badge tone="warning">{s.state}</Badge>}</h3>
      <Facts of={[
        ['window', `${time(secondsOf(s.start), now)} to ${time(secondsOf(s.end), now)}`],
        ['rests on', `${count(s.coverage.traces)} traces, ${count(s.coverage.spans)} spans`],
        ['versions', versions ? <Name key="v" text={versions} most={400} /> : 'none reported'],
      ]} />
    </section>
  )
}

function CauseCard({n, of: c, diff}: {n: number; of: Cause; diff: Diff}): JSX.Element {
  const main = diff.changes.find(x => x.fingerprint === c.main)
  const explained = diff.changes.filter(x => c.explains.includes(x.fingerprint))
  return (
    <section class="card">
      <h3>{n}. <Name text={c.summary} most={300} /></h3>
      <Facts of={[
        ['where', <Group key="g" of={c.site} />],
        ['before and after', `${measured(c.before, c.unit)} → ${measured(c.after, c.unit)}`],
        ...(c.onset ? [['began', time(secondsOf(c.onset), serverNow())] as [string, string]] : []),
        ...(c.ended ? [['was over', time(secondsOf(c.ended), serverNow())] as [string, string]] : []),
        ...(c.deployed ? [['with', `${c.deployed.service} ${c.deployed.from} → ${c.deployed.to}`] as [string, string]] : []),
        ...(c.share !== null ? [['its part', `${percent(c.share)} of what all traces lost or won`] as [string, string]] : []),
        ...(main && main.exemplars.length > 0 ? [['traces that show it', <>{main.exemplars.slice(0, 3).map(id => <span key={id}><Trace id={id} /> </span>)}</>] as [string, JSX.Element]] : []),
      ]} />
      {c.explains.length > 0 && (
        <details>
          <summary>{count(c.explains.length)} more {c.explains.length === 1 ? 'change follows' : 'changes follow'} from it</summary>
          <ChangeTable of={explained} />
          {explained.length < c.explains.length && <p class="quiet">{count(c.explains.length - explained.length)} of them are not listed here.</p>}
        </details>
      )}
    </section>
  )
}

function CopyMarkdown({id}: {id: string}): JSX.Element {
  const [said, setSaid] = useState('')
  const component = differ()
  const copy = async () => {
    try {
      const answer = await fetch(`./api/diffs/${encodeURIComponent(id)}.md${component ? `?component=${encodeURIComponent(component)}` : ''}`)
      if (!answer.ok) throw new Error(`status ${answer.status}`)
      await navigator.clipboard.writeText(await answer.text())
      setSaid('Copied.')
    } catch (error) {
      setSaid(`It cannot be copied: ${(error as Error).message}`)
    }
  }
  return <div class="toolbar"><button type="button" onClick={() => void copy()}>Copy as Markdown</button> <span role="status">{said}</span></div>
}
