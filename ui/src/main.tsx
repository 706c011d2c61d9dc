import {render} from 'preact'
import {App} from './app/app'
import {listen} from './app/router'
import {follow} from './app/theme'
import './style/base.css'
import './style/parts.css'

follow()
listen()
const root = document.getElementById('app')
if (root) render(<App />, root)
