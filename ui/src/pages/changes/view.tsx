import type {JSX} from 'preact'
import type {PageProps} from '../../app/pages'
import {Tabs} from '../../parts/small'
import {DiffDetail} from './diff'
import {Happened} from './happened'
import {Evolution} from './evolution'
import {Latest} from './latest'
import {Queries} from './queries'
import {Snapshots} from './snapshots'
import {System} from './system'

const tabs = [
  {title: 'What happened', parts: ['changes']},
  {title: 'Diffs', parts: ['changes', 'diffs']},
  {title: 'Compare', parts: ['changes', 'snapshots']},
  {title: 'System', parts: ['changes', 'system']},
  {title: 'Evolution', parts: ['changes', 'evolution']},
  {title: 'Queries', parts: ['changes', 'queries']},
]

export function Changes({parts: [part, id]}: PageProps): JSX.Element {
  return (
    <>
      <h1>Changes</h1>
      <Tabs label="Parts of Changes" of={tabs} />
      {part === 'diffs' && id !== undefined ? <DiffDetail id={id} />
        : part === 'diffs' ? <Latest />
          : part === 'snapshots' ? <Snapshots />
            : part === 'system' ? <System />
              : part === 'evolution' ? <Evolution />
                : part === 'queries' ? <Queries />
                  : <Happened />}
    </>
  )
}
