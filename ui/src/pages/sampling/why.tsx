// Why one trace was kept or dropped.
import type {JSX} from 'preact'
import {useState} from 'preact/hooks'
import {get, type Answer} from '../../api/client'
import {serverNow} from '../../api/clock'
import {useLive} from '../../api/live'
import {go, link} from '../../app/router'
import {traceLink} from '../../api/console'
import {ago, count, duration, percent, secondsOf, time} from '../../parts/format'
import {Name} from '../../parts/name'
import {Badge, Facts} from '../../parts/small'
import {Empty, Failed, Loaded} from '../../parts/state'
import {sampler} from './component'

type Explanation = Answer<'/api/sampling/traces/{trace}'>

export function Why({id}: {id: string}): JSX.Element {
  const [text, setText] = useState(id)
  const typed = text.trim().toLowerCase()
  const valid = /^[0-9a-f]{32}$/.test(typed)
  return (
    <>
      <form class="toolbar" onSubmit={e => { e.preventDefault(); if (valid) go(['sampling', 'why', typed]) }}>
        <input class="code" size={38} aria-label="Trace id" placeholder="Trace id, 32 hexadecimal digits" value={text} onInput={e => setText(e.currentTarget.value)} />
        <button type="submit" class="main" disabled={!valid}>Explain</button>
      </form>
      {typed !== '' && !valid && <Failed message="A trace id has 32 hexadecimal digits, such as 4bf92f3577b34da6a3ce929d0e0e4736." />}
      {id !== '' ? <Explained id={id} /> : <Empty>Enter the id of a trace. Those that were decided lately can be explained, also those that were dropped.</Empty>}
    </>
  )
}

function Explained({id}: {id: string}): JSX.Element {
  const component = sampler()
  const live = useLive(`why ${component} ${id}`, 5, signal => get('/api/sampling/traces/{trace}', {in: {trace: id}, query: {component}, signal}))
  return <Loaded of={live}>{x => <Fate of={x} />}</Loaded>
}

function Fate({of: x}: {of: Explanation}): JSX.Element {
  const now = serverNow(), to = traceLink(x.trace_id)
  const title = <h2>Trace <code>{x.trace_id}</code> {to && <a href={to} target="_blank" rel="noreferrer">open</a>}</h2>
  if (x.open) {
    return (
      <>
        {title}
        <p><Badge tone="plain">not decided yet</Badge> {count(x.open.spans)} spans so far, the last {ago(secondsOf(x.open.last_seen), now)}. It is decided at {time(secondsOf(x.open.latest), now)} at the latest.</p>
      </>
    )
  }
  if (!x.outcome) {
    return (
      <>
        {title}
        <Empty>
          Not remembered. Decisions are remembered since {time(secondsOf(x.decisions_since), now)}, their reasons since {time(secondsOf(x.reasons_since), now)};
          a trace of before, or one that never came here, is not known.
        </Empty>
      </>
    )
  }
  const o = x.outcome
  return (
    <>
      {title}
      <p>
        <Badge tone={o.kept ? 'ok' : 'plain'}>{o.kept ? 'kept' : 'dropped'}</Badge>{' '}
        {o.dry_run && <Badge tone="warning">dry run: it was forwarded all the same</Badge>}{' '}
        its randomness of {percent(o.randomness)} is {o.kept ? 'not below' : 'below'} its threshold of {percent(o.threshold)} (<code>th:{o.th}</code>, <code>rv:{o.rv}</code>).
      </p>
      {x.reasons ? <Reasoned of={x.reasons} /> : <p class="quiet">Why is not remembered any more: reasons reach back to {time(secondsOf(x.reasons_since), now)}.</p>}
      {x.path && (
        <>
          <h3>Its path, as it is usual</h3>
          <p><a href={link(['sampling', 'paths', x.path.path])}><Name text={x.path.endpoint.name} /></a>: {duration(x.path.p50_seconds)} in the median, {duration(x.path.p99_seconds)} at the 99th percentile, {percent(x.path.errors)} fail, {percent(x.path.kept)} are kept.</p>
        </>
      )}
    </>
  )
}

function Reasoned({of: r}: {of: NonNullable<Explanation['reasons']>}): JSX.Element {
  const now = serverNow()
  return (
    <>
      <Facts of={[
        ['reason', <strong key="r">{r.reason}{r.rule ? `: ${r.rule}` : ''}</strong>],
        ['decided', `${time(secondsOf(r.decided), now)}, ${duration(r.latency_seconds)} after its last span`],
        ['probability', `${percent(r.probability)}: if kept, it stands for ${count(r.adjusted)} traces`],
        ['endpoint', <><Name key="s" text={r.endpoint.service} /> · <Name key="n" text={r.endpoint.name} /></>],
        ['trace', `${count(r.spans)} spans, ${count(r.errors)} of them failed, ${duration(r.duration_seconds)}`],
        ['time beyond what is slow', duration(r.excess_seconds)],
        ...(r.fragment ? [['incomplete', 'its root, or the parent of a span, was missing'] as [string, string]] : []),
        ...(r.marked ? [] : [['not marked', 'it cannot carry its threshold'] as [string, string]]),
        ...(typeof r.incoming === 'number' && r.incoming < 1 ? [['sampled before', `samplers in front had left ${percent(r.incoming)}`] as [string, string]] : []),
      ]} />
      <h3>Signs</h3>
      <Facts of={r.signs.map((s): [string, JSX.Element] => [
        s.name,
        <>
          {count(s.strength)}{s.enough === null ? '' : `, and ${count(s.enough)} would be enough alone`}
          {s.operation && <> at <Name text={s.operation.service} /> <Name text={s.operation.name} /></>}
        </>,
      ])} />
    </>
  )
}
