import type {Page} from '../../app/pages'
import {Changes} from './view'

export const page: Page = {
  name: 'changes',
  title: 'Changes',
  order: 3,
  route: '/api/diffs',
  without: 'No trace_diff runs in this collector, or it does not find this console. Add the exporter to a traces pipeline; its README has the smallest configuration.',
  view: Changes,
}
