// Runs a TypeScript program of the workspace from source: `node tools/run.mjs FILE [ARGS]`.
import { spawnSync } from 'node:child_process'
import { root } from './setup.mjs'

const { status, signal } = spawnSync(
  process.execPath,
  ['--conditions=espalier-source', '--import', 'tsx', ...process.argv.slice(2)],
  { stdio: 'inherit', cwd: root },
)
if (signal) console.error(`${process.argv[2]} was ended by ${signal}`)
process.exit(status ?? 1)
