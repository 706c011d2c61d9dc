import type {Page} from '../../app/pages'
export const page: Page = {name: 'health', title: 'health', order: 1, route: '', without: '', view: () => null}
