// What `npm start` and `npm test` do first: packages and the native engine, each said in one line.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the repository. */
export const root = fileURLToPath(new URL('..', import.meta.url))

const bin = join(root, 'node_modules/.bin')

/** The environment of what is run here: the installed tools come first, pnpm among them. */
export const environment = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
  TURBO_TELEMETRY_DISABLED: '1',
}

/**
 * Runs a command in the repository; returns its exit status. Quiet commands are heard only when they fail.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ quiet?: boolean, env?: Record<string, string | undefined> }} [options]
 */
export function run(command, args, { quiet = false, env = {} } = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    env: { ...environment, ...env },
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    shell: process.platform === 'win32' && command !== process.execPath,
  })
  if (quiet && status !== 0) process.stderr.write(`\n${stdout ?? ''}${stderr ?? ''}`)
  if (error) console.error(`${command} could not be run: ${error.message}`)
  return status ?? 1
}

/** The version of pnpm that the repository is pinned to. */
function pnpmVersion() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager.split('@')[1]
}

/** Installs the packages of the lock file. Exits where that fails: nothing else would work. */
export function installPackages() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Espalier needs Node 20.19 or newer; this is ${process.versions.node}`)
    process.exit(1)
  }
  process.stdout.write('packages … ')
  const began = Date.now()
  const args = ['install', '--frozen-lockfile', '--prefer-offline']
  const installed = existsSync(join(root, 'node_modules/pnpm/package.json'))
  const status = installed
    ? run('pnpm', args, { quiet: true })
    : run('npx', ['--yes', `pnpm@${pnpmVersion()}`, ...args], { quiet: true })
  if (status !== 0) {
    console.error('could not be installed: the reason is above. Is there a network, and is the disk full?')
    process.exit(status)
  }
  console.log(`installed (${Math.round((Date.now() - began) / 1000)} s)`)
}

/** Gets the native engine. Returns whether it is there; without it everything runs on wasm. */
export function installEngine() {
  const asked = process.env['ESPALIER_ENGINE']
  if (asked && asked !== 'native') {
    console.log(`native engine … not asked for (ESPALIER_ENGINE=${asked})`)
    return false
  }
  return source('packages/espalier/src/cli.ts', 'engine', 'install', '--brief') === 0
}

/** Whether the native engine can be found, without installing it. */
export function hasEngine() {
  return source('tools/has-engine.ts') === 0
}

/**
 * Runs a TypeScript program of the workspace from source.
 * @param {string} file
 * @param {readonly string[]} args
 */
const source = (file, ...args) => run(process.execPath, ['tools/run.mjs', file, ...args])
