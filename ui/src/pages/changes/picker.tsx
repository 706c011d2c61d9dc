import type {JSX} from 'preact'
import {change} from '../../app/router'
import type {Query} from './component'

export function QueryPicker({queries, chosen}: {queries: Query[]; chosen: Query | undefined}): JSX.Element | null {
  if (queries.length < 2) return null
  return (
    <label>
      Query{' '}
      <select value={chosen?.id} onChange={e => change({query: e.currentTarget.value})}>
        {queries.map(q => <option key={q.id} value={q.id}>{q.name}</option>)}
      </select>
    </label>
  )
}
