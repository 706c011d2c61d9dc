import type {JSX} from 'preact'
import type {PageProps} from '../../app/pages'
import {Tabs} from '../../parts/small'
import {ServiceMap} from './map'
import {PathDetail} from './path'
import {Paths} from './paths'
import {Budget} from './budget'
import {Why} from './why'

const tabs = [
  {title: 'Paths', parts: ['sampling']},
  {title: 'Map', parts: ['sampling', 'map']},
  {title: 'Budget', parts: ['sampling', 'budget']},
  {title: 'Why was this trace kept?', parts: ['sampling', 'why']},
]

export function Sampling({parts: [part, id]}: PageProps): JSX.Element {
  return (
    <>
      <h1>Sampling</h1>
      <Tabs label="Parts of Sampling" of={tabs} />
      {part === 'paths' && id !== undefined ? <PathDetail id={id} />
        : part === 'map' ? <ServiceMap />
          : part === 'budget' ? <Budget />
            : part === 'why' ? <Why id={id ?? ''} />
              : <Paths />}
    </>
  )
}
