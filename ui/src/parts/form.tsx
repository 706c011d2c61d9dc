// A dialog with fields, and an answer that says what is wrong with them.
import type {ComponentChildren, JSX} from 'preact'
import {useEffect, useRef, useState} from 'preact/hooks'
import {Failed} from './state'

interface Props {
  title: string
  action: string
  onSend: () => Promise<unknown>
  onClose: (sent: boolean) => void
  children: ComponentChildren
}

export function FormDialog({title, action, onSend, onClose, children}: Props): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  const sent = useRef(false)
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  // Only a dialog that is closed, and not just taken away, gives the focus back.
  const close = () => dialog.current?.close()
  useEffect(() => dialog.current?.showModal(), [])
  const send = async (event: Event) => {
    event.preventDefault()
    setBusy(true)
    setProblem(undefined)
    try {
      await onSend()
      sent.current = true
      close()
    } catch (error) {
      setProblem((error as Error).message)
      setBusy(false)
    }
  }
  return (
    <dialog ref={dialog} aria-label={title} onClose={() => onClose(sent.current)}>
      <form onSubmit={e => void send(e)}>
        <h2>{title}</h2>
        {children}
        {problem !== undefined && <Failed message={problem} />}
        <div class="toolbar">
          <button type="submit" class="main" disabled={busy}>{action}</button>
          <button type="button" onClick={close}>Cancel</button>
        </div>
      </form>
    </dialog>
  )
}

interface FieldProps {
  title: string
  hint?: string
  value: string
  onInput: (value: string) => void
  type?: 'text' | 'number' | 'datetime-local'
  required?: boolean
}

export const Field = ({title, hint, value, onInput, type = 'text', required = false}: FieldProps): JSX.Element => (
  <label class="field">
    <span>{title}{hint && <> · {hint}</>}</span>
    <input {...({type, value, required} as JSX.IntrinsicElements['input'])} onInput={e => onInput((e.currentTarget as HTMLInputElement).value)} />
  </label>
)

/** A button that asks once more before it does what cannot be undone. */
export function SureButton({children, onSure}: {children: ComponentChildren; onSure: () => void}): JSX.Element {
  const [asked, setAsked] = useState(false)
  return asked
    ? <button type="button" class="danger" onClick={onSure} onBlur={() => setAsked(false)}>Sure?</button>
    : <button type="button" onClick={() => setAsked(true)}>{children}</button>
}

/** What a field for date and time holds, in the browser's time zone, and back. */
export function localTime(at: number): string {
  const d = new Date(at * 1000), two = (n: number) => String(n).padStart(2, '0')
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}`
}

export const fromLocalTime = (text: string): string | undefined => {
  const at = new Date(text)
  return text === '' || Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}
