// `npm test`: sets everything up, then runs all that CI checks. The last line is `N passed, N failed`.
import { countsOf, summarize } from './results.mjs'
import { installEngine, installPackages, run } from './setup.mjs'

installPackages()
const native = installEngine()
const env = { ESPALIER_NATIVE: native ? '1' : '0' }
const golden = native ? ['golden:native', 'golden:wasm'] : ['golden:wasm']
const job = native ? ['job:native'] : []
if (!native) console.log('no native engine: its tests and golden cases are skipped')

const lint = run('node_modules/.bin/biome', ['ci', '.', '--error-on-warnings'])
const tasks = ['types', 'unit', 'build', 'exports', ...golden, ...job, 'packtest']
const turbo = run(
  'node_modules/.bin/turbo',
  ['run', ...tasks, '--continue', '--concurrency=2', '--output-logs=new-only'],
  { env },
)

const counts = [
  summarize(),
  { passed: lint === 0 ? 1 : 0, failed: lint === 0 ? 0 : 1 },
  ...[...golden, ...job, 'packtest'].map((t) => countsOf(t.replace(':', '-'))),
]
const passed = counts.reduce((n, c) => n + c.passed, 0)
const failed = counts.reduce((n, c) => n + c.failed, 0)
if (turbo !== 0 && failed === 0) console.log('types, build or exports failed: see above')
console.log(`${passed} passed, ${failed + (turbo !== 0 && failed === 0 ? 1 : 0)} failed`)
process.exit(turbo || lint || (failed > 0 ? 1 : 0))
