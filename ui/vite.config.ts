import {defineConfig} from 'vite'

export default defineConfig({
  // Relative addresses: behind a reverse proxy the console may live under a path.
  base: './',
  oxc: {jsx: {runtime: 'automatic', importSource: 'preact'}},
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // the content security policy allows no data: URLs
    modulePreload: {polyfill: false},
    reportCompressedSize: false,
    sourcemap: false,
    // The console, and the status page for everybody.
    rolldownOptions: {input: ['index.html', 'public.html']},
  },
  worker: {format: 'es'},
  server: {proxy: {'/api': 'http://localhost:4000', '/status': 'http://localhost:4000'}},
})
