// Checks what a package publishes: its manifest (publint) and its types for every way of importing it (attw).
import { spawnSync } from 'node:child_process'
import { environment } from './setup.mjs'

const steps = [
  ['publint', ['--strict']],
  ['attw', ['--pack', '.', '--profile', 'esm-only', '--quiet']],
]
for (const [command, args] of /** @type {[string, string[]][]} */ (steps)) {
  const { status } = spawnSync(command, args, {
    stdio: 'inherit',
    env: environment,
    shell: process.platform === 'win32',
  })
  if (status !== 0) process.exit(status ?? 1)
}
