// Runs a TypeScript program of the workspace from source: `node tools/run.mjs FILE [ARGS]`.
import { spawnSync } from 'node:child_process'

const [file, ...args] = process.argv.slice(2)
const { status, signal } = spawnSync(
  process.execPath,
  ['--conditions=espalier-source', '--import', 'tsx', file, ...args],
  {
    stdio: 'inherit',
    cwd: new URL('..', import.meta.url),
  },
)
process.exit(signal ? 1 : (status ?? 1))
