import type {Page} from '../../app/pages'
export const page: Page = {name: 'overview', title: 'overview', order: 1, route: '', without: '', view: () => null}
