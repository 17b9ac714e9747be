// `pnpm matrix [--job] [--unit] [--node 22,24]`: the main job on the native engine and the unit tests of every package,
// on each release of Node below. The last line counts each part on each release once.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { finish, sum, tested } from './results.mjs'
import { environment, root, run } from './setup.mjs'

/** The newest release of each supported line that npm has. */
const releases = ['20.20.2', '22.23.3', '24.21.0', '26.10.0']

/** What npm calls a system where Node calls it otherwise. @type {Readonly<Record<string, string>>} */
const systems = { win32: 'win', darwin: process.arch === 'arm64' ? 'bin-darwin' : 'darwin' }

/** @typedef {{ failed?: string, warnings: readonly string[] }} Ended `failed`: what was said by what failed */

/** @type {Readonly<Record<string, (node: string, release: string) => Ended>>} */
const parts = {
  job: (node, release) => {
    const out = `out/matrix-${release}`
    const job = ['apps/demo/src/main.ts', 'pets', '--engine', 'native', '--out', out]
    return runOn(node, [join(root, 'tools/run.mjs'), ...job])
  },
  unit: (node) => {
    const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=default']
    const ended = tested().map((folder) => ({ folder, ...runOn(node, vitest, folder) }))
    const failed = ended.filter((e) => e.failed !== undefined).map((e) => `✗ ${e.folder}\n${e.failed}`)
    return {
      ...(failed.length > 0 && { failed: failed.join('\n') }),
      warnings: [...new Set(ended.flatMap((e) => e.warnings))],
    }
  },
}

const { values } = parseArgs({
  options: { job: { type: 'boolean' }, unit: { type: 'boolean' }, node: { type: 'string' } },
})
const all = !values.job && !values.unit
const wanted = Object.keys(parts).filter((part) => all || values[/** @type {'job' | 'unit'} */ (part)])

finish(sum(asked().map(tryRelease)))

/** The releases that `--node` names by their first numbers. */
function asked() {
  const lines = values.node?.split(',') ?? releases
  const found = lines.map((line) => releases.find((r) => r === line || r.startsWith(`${line}.`)))
  const unknown = lines.find((_, i) => !found[i])
  if (unknown === undefined) return /** @type {string[]} */ (found)
  console.error(`--node ${unknown}: the matrix has ${releases.join(', ')}`)
  process.exit(1)
}

/**
 * @param {string} release
 * @returns {import('./results.mjs').Counts}
 */
function tryRelease(release) {
  const node = nodeOf(release)
  if (!node) return { passed: 0, failed: wanted.length }
  const passed = wanted.filter((part) => tryPart(part, node, release)).length
  return { passed, failed: wanted.length - passed }
}

/**
 * @param {string} part
 * @param {string} node
 * @param {string} release
 */
function tryPart(part, node, release) {
  process.stdout.write(`node ${release} ${part} … `)
  const began = Date.now()
  const { failed, warnings } = /** @type {typeof parts['job']} */ (parts[part])(node, release)
  const how = failed === undefined ? 'passed' : 'failed'
  console.log(`${how} (${Math.round((Date.now() - began) / 1000)} s)`)
  if (failed !== undefined) console.log(failed)
  else for (const warning of warnings) console.log(`  ${warning}`)
  return failed === undefined
}

/**
 * The binary of a release, from the cache of the user or from npm; undefined, and said, where it cannot be had. The
 * package `node` has an install script that fetches the package of the platform: that one is installed here, so
 * that it also works where scripts are not run.
 * @param {string} release
 */
function nodeOf(release) {
  const { platform, arch, env } = process
  const folder = join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'espalier/node', release)
  const name = `node-${systems[platform] ?? platform}-${arch}`
  const node = join(folder, 'node_modules', name, platform === 'win32' ? 'bin/node.exe' : 'bin/node')
  const works = () => spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim() === `v${release}`
  if (works()) return node
  process.stdout.write(`node ${release} … `)
  rmSync(folder, { recursive: true, force: true })
  const flags = ['--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const status = run('npm', ['install', ...flags, `${name}@${release}`], { quiet: true })
  if (status === 0 && works()) {
    console.log('installed')
    return node
  }
  console.log(`cannot be had: ${name}@${release} ${status === 0 ? 'does not run here' : 'was not installed'}`)
  return undefined
}

/**
 * Runs a program on a binary of Node that also comes first for whatever the program starts.
 * @param {string} node
 * @param {readonly string[]} args
 * @param {string} [folder]
 * @returns {Ended}
 */
function runOn(node, args, folder = '.') {
  const PATH = `${dirname(node)}${delimiter}${environment.PATH}`
  const { status, signal, stdout, stderr, error } = spawnSync(node, args, {
    cwd: join(root, folder),
    env: { ...environment, PATH, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  const said = `${stdout ?? ''}${stderr ?? ''}`
  const warnings = said.match(/^\(node:\d+\).*/gm)?.map((line) => line.replace(/^\S+ /, '')) ?? []
  if (status === 0) return { warnings: [...new Set(warnings)] }
  return { failed: `${said}${error?.message ?? (signal ? `ended by ${signal}` : '')}`, warnings }
}
