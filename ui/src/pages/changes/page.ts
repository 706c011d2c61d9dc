import type {Page} from '../../app/pages'
export const page: Page = {name: 'changes', title: 'changes', order: 1, route: '', without: '', view: () => null}
