// `node tools/counted.mjs NAME COMMAND …`: runs a command that ends with `N passed, N failed` and keeps the counts.
import { spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './setup.mjs'

const [name = '', command = '', ...args] = process.argv.slice(2)
const file = join(root, 'reports', `${name}.json`)
rmSync(file, { force: true })
const child = spawn(command === 'node' ? process.execPath : command, args, {
  cwd: root,
  stdio: ['ignore', 'pipe', 'inherit'],
})
let tail = ''
child.stdout.on('data', (chunk) => {
  process.stdout.write(chunk)
  tail = (tail + chunk).slice(-2000)
})
child.on('close', (status) => {
  const [, passed, failed] = tail.match(/(\d+) passed, (\d+) failed\s*$/)?.map(Number) ?? []
  const counts = { name, passed: passed ?? 0, failed: failed ?? 1 }
  if (status !== 0 && counts.failed === 0) counts.failed = 1
  mkdirSync(join(root, 'reports'), { recursive: true })
  writeFileSync(file, JSON.stringify(counts))
  process.exit(counts.failed > 0 ? status || 1 : 0)
})
