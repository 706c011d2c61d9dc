// The layout of a large graph takes a while; meanwhile the page goes on.
import {layoutOf, type Shape} from './layout'

onmessage = (e: MessageEvent<{id: number; shape: Shape}>) => postMessage({id: e.data.id, layout: layoutOf(e.data.shape)})
