// The queries that are watched: those of the configuration, and those that are added here.
import type {JSX} from 'preact'
import {useState} from 'preact/hooks'
import {get, remove} from '../../api/client'
import {useLive} from '../../api/live'
import {link} from '../../app/router'
import {duration, percent} from '../../parts/format'
import {SureButton} from '../../parts/form'
import {Name} from '../../parts/name'
import {Badge} from '../../parts/small'
import {Empty, Failed, Loaded} from '../../parts/state'
import {Table, type Column} from '../../parts/table'
import {differ, type Query} from './component'
import {baselineOf} from './latest'
import {QueryForm} from './queryform'

export function Queries(): JSX.Element {
  const component = differ()
  const live = useLive('queries page ' + component, 30, signal => get('/api/queries', {query: {component}, signal}))
  const [edited, setEdited] = useState<Query | 'new'>()
  const [problem, setProblem] = useState<string>()
  const end = (id: string) => void remove('/api/queries/{id}', {in: {id}, query: {component}}).then(live.again, (e: Error) => setProblem(e.message))
  const columns: Column<Query>[] = [
    {name: 'name', title: 'Name', cell: q => <a href={link(['changes', 'diffs'], {query: q.id})}><Name text={q.name} most={40} /></a>},
    {name: 'query', title: 'Selects', cell: q => <code><Name text={q.query} most={90} /></code>},
    {name: 'keys', title: 'Grouped by', cell: q => <Name text={q.group_by_keys.join(', ')} most={60} />},
    {name: 'window', title: 'Window', number: true, cell: q => duration(q.window_seconds)},
    {name: 'baselines', title: 'Compared with', cell: q => q.baselines.map(baselineOf).join(', ')},
    {name: 'fdr', title: 'FDR', number: true, hint: 'false discovery rate of a diff', cell: q => percent(q.thresholds.fdr)},
    {name: 'promise', title: 'False alerts', cell: q => <span title={q.promise.text}>at most {q.promise.false_alerts_per_week} a week</span>},
    {
      name: 'actions', title: '',
      cell: q => (q.source === 'config'
        ? <Badge tone="plain">from the configuration</Badge>
        : <><button type="button" onClick={() => setEdited(q)}>Edit</button> <SureButton onSure={() => end(q.id)}>Delete</SureButton></>),
    },
  ]
  return (
    <>
      <div class="toolbar"><button type="button" class="main" onClick={() => setEdited('new')}>Add a query</button></div>
      {problem && <Failed message={problem} />}
      <Loaded of={live}>{list => (list.length === 0 ? <Empty>No query yet: add one, and its first window begins at once.</Empty> : <Table caption="Queries" columns={columns} rows={list} keyOf={q => q.id} />)}</Loaded>
      {edited && <QueryForm query={edited === 'new' ? undefined : edited} component={component} onClose={sent => { setEdited(undefined); if (sent) live.again() }} />}
    </>
  )
}
