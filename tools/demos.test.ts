import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { locateTensorflow } from '../packages/tensorflow/src/locate/locate-tensorflow.js'

const root = fileURLToPath(new URL('..', import.meta.url))
/** Demos whose small form takes more than seconds are run where that is asked for, all others always. */
const slow = new Set(['lm', 'sentiment'])
const all = process.env['ESPALIER_DEMOS'] === '1'
const native = locateTensorflow() !== undefined
const main = ['--conditions=espalier-source', '--import', 'tsx', 'apps/demo/src/main.ts']
const out = mkdtempSync(join(tmpdir(), 'demos-'))
afterAll(() => rmSync(out, { recursive: true }))

/** What `pnpm demo` lists. */
const names = execFileSync(process.execPath, main, { cwd: root, encoding: 'utf8' })
  .split('\n')
  .map((line) => line.split(' ')[0]!)
  .filter(Boolean)

/** Runs a demo in its small form. */
function run(
  name: string,
  signal: AbortSignal,
): Promise<{ readonly status: number | null; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...main, name, '--small', '--out', join(out, name)], {
      cwd: root,
      signal,
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (text += part))
    child.on('error', reject)
    child.on('close', (status) => resolve({ status, text }))
  })
}

describe('every demo', () => {
  it('is listed', () => {
    expect(names).toContain('pets')
    expect([...slow].filter((name) => !names.includes(name))).toEqual([])
    expect(new Set(names).size).toBe(names.length)
  })

  for (const name of names) {
    it(`${name} keeps its bound in its small form`, { timeout: 300_000 }, async ({ skip, signal }) => {
      if (!all && slow.has(name)) skip('it takes a minute: ESPALIER_DEMOS=1 runs it')
      if (!native) skip('without the native engine they take longer still')
      const { status, text } = await run(name, signal)
      const missing = /the data of this demo is not here: .*/.exec(text)
      if (missing) skip(missing[0])
      expect(text).toMatch(new RegExp(`\\n✓ ${name}: .+\\n$`))
      expect(status).toBe(0)
    })
  }

  it('is a program of at most 60 lines', () => {
    const folder = join(root, 'apps/demo/src')
    const demos = readdirSync(folder).filter((file) => {
      return / Demo = \{/.test(readFileSync(join(folder, file), 'utf8')) && file !== 'main.ts'
    })
    expect(demos.length).toBe(names.length)
    const long = demos.filter(
      (file) => readFileSync(join(folder, file), 'utf8').trimEnd().split('\n').length > 60,
    )
    expect(long).toEqual([])
  })
})
