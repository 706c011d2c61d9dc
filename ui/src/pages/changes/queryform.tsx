// A query that is added or changed. The server checks its syntax while it is typed.
import type {JSX} from 'preact'
import {useEffect, useState} from 'preact/hooks'
import {get, post, put} from '../../api/client'
import {Field, FormDialog} from '../../parts/form'
import type {Query} from './component'

interface Props {
  query: Query | undefined
  component: string | undefined
  onClose: (sent: boolean) => void
}

export function QueryForm({query, component, onClose}: Props): JSX.Element {
  const [name, setName] = useState(query?.name ?? '')
  const [text, setText] = useState(query?.query ?? '*')
  const [keys, setKeys] = useState(query?.group_by_keys.join(', ') ?? '')
  const [minutes, setMinutes] = useState(query ? String(query.window_seconds / 60) : '10')
  const checked = useChecked(component, text)
  const send = () => {
    const body = {
      name, query: text,
      group_by_keys: keys.split(',').map(k => k.trim()).filter(Boolean),
      window_seconds: Number(minutes) * 60,
    }
    // All of the query that was read is written back: what is left out would become the default.
    return query
      ? put('/api/queries/{id}', {in: {id: query.id}, query: {component}, body: {...query, ...body}})
      : post('/api/queries', {query: {component}, body})
  }
  return (
    <FormDialog title={query ? 'Change a query' : 'A new query'} action={query ? 'Change' : 'Add'} onSend={send} onClose={onClose}>
      <Field title="Name" value={name} onInput={setName} required />
      <label class="field">
        <span>Which traces · such as service IN ("checkout"), or http.response.status_code = 500 AND operation = "GET /cart", or * for all</span>
        <textarea class="code" aria-label="Which traces" value={text} onInput={e => setText(e.currentTarget.value)} aria-invalid={checked.wrong !== undefined} spellcheck={false} />
      </label>
      <p class={checked.wrong ? 'danger' : 'quiet'} role="status">{checked.wrong ?? (checked.known ? 'The query is well formed.' : '')}</p>
      <Field title="Grouped by" hint="attributes, with commas between them" value={keys} onInput={setKeys} />
      <Field title="Window, minutes" type="number" value={minutes} onInput={setMinutes} required />
    </FormDialog>
  )
}

// Asked half a second after the last key.
function useChecked(component: string | undefined, text: string): {known: boolean; wrong?: string} {
  const [result, setResult] = useState<{known: boolean; wrong?: string}>({known: false})
  useEffect(() => {
    const abort = new AbortController()
    setResult({known: false})
    const timer = setTimeout(() => {
      get('/api/query-syntax', {query: {component, text}, signal: abort.signal}).then(
        answer => setResult(answer.valid ? {known: true} : {known: true, wrong: answer.message ?? 'It is not a query.'}),
        () => setResult({known: false}),
      )
    }, 500)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [component, text])
  return result
}
