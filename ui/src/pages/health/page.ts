import type {Page} from '../../app/pages'
import {Health} from './view'

export const page: Page = {
  name: 'health',
  title: 'Health',
  order: 4,
  route: '/status',
  without: 'No sentinel runs in this collector, so nobody checks whether traces arrive. Add the sentinel receiver, exporter and extension; the README of the extension has the smallest configuration.',
  view: Health,
}
