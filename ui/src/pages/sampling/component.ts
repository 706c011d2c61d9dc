import {componentFor} from '../../api/console'
import {place} from '../../app/router'

/** The sampler that is shown. */
export const sampler = (): string | undefined => componentFor('/api/sampling', place.value.params.get('component'))
