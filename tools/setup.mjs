// What `npm start` and `npm test` do first: packages and the native engine, each said in one line.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const pnpm = ['--yes', 'pnpm@10.34.9']

/** Runs a command in the repository; returns its exit status. */
export function run(command, args, { quiet = false, env = {} } = {}) {
  const stdio = quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit'
  const result = spawnSync(command, args, {
    cwd: root,
    stdio,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  const status = result.status ?? 1
  if (quiet && status !== 0)
    process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error ?? ''}\n`)
  return status
}

/** Installs the packages of the lock file. Exits where that fails: nothing else would work. */
export function installPackages() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Espalier needs Node 20.19 or newer; this is ${process.versions.node}`)
    process.exit(1)
  }
  process.stdout.write('packages … ')
  const began = Date.now()
  const status = run('npx', [...pnpm, 'install', '--frozen-lockfile', '--prefer-offline'], { quiet: true })
  if (status !== 0) {
    console.error('could not be installed: see above')
    process.exit(status)
  }
  console.log(`installed (${Math.round((Date.now() - began) / 1000)} s)`)
}

/** Gets the native engine. Returns whether it is there; without it everything runs on wasm. */
export function installEngine() {
  if (process.env.ESPALIER_ENGINE && process.env.ESPALIER_ENGINE !== 'native') {
    console.log(`native engine … not asked for (ESPALIER_ENGINE=${process.env.ESPALIER_ENGINE})`)
    return false
  }
  return (
    run(process.execPath, [
      'tools/run.mjs',
      'packages/espalier/src/cli.ts',
      'engine',
      'install',
      '--brief',
    ]) === 0
  )
}
