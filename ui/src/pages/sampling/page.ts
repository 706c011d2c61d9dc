import type {Page} from '../../app/pages'
import {Sampling} from './view'

export const page: Page = {
  name: 'sampling',
  title: 'Sampling',
  order: 2,
  route: '/api/sampling',
  without: 'No smart_tail_sampling runs in this collector, or it does not find this console. Add the processor to a traces pipeline; its README has the smallest configuration.',
  view: Sampling,
}
