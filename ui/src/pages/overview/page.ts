import type {Page} from '../../app/pages'
import {Overview} from './view'

export const page: Page = {name: 'overview', title: 'Overview', order: 1, route: '', without: '', view: Overview}
