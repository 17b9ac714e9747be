// Runs the main job on an engine, for CI: `node tools/job.mjs ENGINE`; the last line counts it.
import { run } from './setup.mjs'

const [engine] = process.argv.slice(2)
const status = run(process.execPath, ['tools/run.mjs', 'apps/demo/src/main.ts', 'pets', '--engine', engine])
console.log(status === 0 ? '1 passed, 0 failed' : '0 passed, 1 failed')
process.exit(status)
