// `pnpm check`: types, lint, format, architecture, unit tests, exports. Turbo keeps what has not changed.
import { summarize } from './results.mjs'
import { run } from './setup.mjs'

const lint = run('node_modules/.bin/biome', ['ci', '.', '--error-on-warnings'])
const turbo = run('node_modules/.bin/turbo', [
  'run',
  'types',
  'unit',
  'build',
  'exports',
  '--continue',
  '--output-logs=errors-only',
])
const { passed, failed } = summarize()
console.log(
  `lint and format ${lint === 0 ? 'passed' : 'failed'}; types, unit tests and exports ${turbo === 0 ? 'passed' : 'failed'}`,
)
console.log(`${passed} passed, ${failed} failed`)
process.exit(lint || turbo || (failed > 0 ? 1 : 0))
