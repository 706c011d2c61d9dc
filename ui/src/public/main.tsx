import {render} from 'preact'
import {follow} from '../app/theme'
import {StatusPage} from './status'
import '../style/base.css'
import '../style/parts.css'

follow()
const root = document.getElementById('app')
if (root) render(<StatusPage />, root)
