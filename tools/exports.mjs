// Checks what a package publishes: its manifest (publint) and its types for every way of importing it (attw).
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './setup.mjs'

const bin = (name) => join(root, 'node_modules/.bin', name)
const steps = [
  [bin('publint'), ['--strict']],
  [bin('attw'), ['--pack', '.', '--profile', 'esm-only', '--quiet']],
]
for (const [command, args] of steps) {
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
