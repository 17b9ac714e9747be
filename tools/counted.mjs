// `node tools/counted.mjs NAME COMMAND …`: runs a command that ends with `N passed, N failed` and keeps the counts.
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './setup.mjs'

const [name, command, ...args] = process.argv.slice(2)
const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
let tail = ''
child.stdout.on('data', (chunk) => {
  process.stdout.write(chunk)
  tail = (tail + chunk).slice(-2000)
})
child.on('close', (status) => {
  const [, passed, failed] = tail.match(/(\d+) passed, (\d+) failed\s*$/) ?? [null, 0, 1]
  mkdirSync(join(root, 'reports'), { recursive: true })
  writeFileSync(
    join(root, 'reports', `${name}.json`),
    JSON.stringify({ name, passed: Number(passed), failed: Number(failed) }),
  )
  process.exit(status ?? 1)
})
