import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import manifest from '../package.json' with { type: 'json' }

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
const workspace = fileURLToPath(new URL('../../..', import.meta.url))
let nowhere: string

beforeAll(() => {
  nowhere = mkdtempSync(join(tmpdir(), 'espalier-cli-'))
  mkdirSync(join(nowhere, 'bin'))
})
afterAll(() => rmSync(nowhere, { recursive: true, force: true }))

/** The command in a process of its own. */
function espalier(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=espalier-source', '--import', 'tsx', cli, ...args],
    { env, encoding: 'utf8', cwd: workspace },
  )
  return { status, stdout, stderr }
}

/** A machine without engine and without Python. */
const bare = (): NodeJS.ProcessEnv => ({ HOME: nowhere, XDG_CACHE_HOME: nowhere, PATH: join(nowhere, 'bin') })

describe('espalier', () => {
  it('tells its version and its commands', () => {
    expect(espalier(['--version']).stdout.trim()).toBe(manifest.version)
    const { stdout, status } = espalier(['--help'])
    expect(status).toBe(0)
    for (const name of ['engine', 'doctor']) expect(stdout).toContain(name)
    expect(espalier(['engine', '--help']).stdout).toMatch(/install.*\n.*status/s)
  })

  it('refuses commands that there are not', () => {
    const { status, stderr } = espalier(['engine', 'instal'])
    expect(status).toBe(1)
    expect(stderr).toContain("unknown command 'instal'")
    expect(stderr).toContain('install')
  })

  it('engine status without an engine says what is missing and how to get it', () => {
    const { status, stdout } = espalier(['engine', 'status'], bare())
    expect(status).toBe(1)
    expect(stdout).toMatch(/✗ .*TensorFlow/i)
    expect(stdout).toContain('engines are installed in')
  })

  it('engine install without Python says so, briefly in one line', () => {
    const brief = espalier(['engine', 'install', '--brief'], bare())
    expect(brief.status).toBe(1)
    expect(brief.stdout).toMatch(/^native engine … not to be had: .*python3.*; going on with wasm\n$/)
    const { status, stderr } = espalier(['engine', 'install'], bare())
    expect(status).toBe(1)
    expect(stderr).toContain('python3')
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  it('an engine that ESPALIER_TENSORFLOW_DIR names wrongly is told in a sentence', () => {
    const empty = join(nowhere, 'empty')
    mkdirSync(empty)
    writeFileSync(join(empty, 'readme.txt'), 'no libraries here')
    const { status, stdout, stderr } = espalier(['engine', 'status'], {
      ...process.env,
      ESPALIER_TENSORFLOW_DIR: empty,
    })
    expect(status).toBe(1)
    expect(stdout + stderr).toContain(`ESPALIER_TENSORFLOW_DIR is '${empty}'`)
    expect(stdout + stderr).not.toMatch(/\n\s+at /)
  })

  it('doctor lists what it looked at, with a fix for each thing that is missing', () => {
    const { status, stdout } = espalier(['doctor'], bare())
    expect(status).toBe(1)
    const lines = stdout.trimEnd().split('\n')
    expect(lines.at(-1)).toMatch(/^\d+ of \d+ need attention$/)
    for (const [i, line] of lines.entries()) if (line.startsWith('✗')) expect(lines[i + 1]).toMatch(/^ {4}→ /)
    expect(stdout).toContain('✓ Node')
    expect(stdout).toContain('✓ sharp: with libvips') // a dependency of a dependency of the command
  })
})
