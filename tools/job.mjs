// `node tools/job.mjs ENGINE [--quick]`: the main job on an engine, for CI; the last line counts it.
import { finish } from './results.mjs'
import { run } from './setup.mjs'

const [engine = 'wasm', ...args] = process.argv.slice(2)
const status = run(process.execPath, [
  'tools/run.mjs',
  'apps/demo/src/main.ts',
  'pets',
  '--engine',
  engine,
  ...args,
])
finish({ passed: Number(status === 0), failed: Number(status !== 0) })
