import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProgramInfo, RunCard } from '@espalier/core'
import { EspalierError } from '@espalier/data'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readCards } from '../src/read-cards.js'
import { recordedProgram } from '../src/recorded-program.js'

const code = 'console.log("trains")\n'
const sha256 = createHash('sha256').update(code).digest('hex')
const good: ProgramInfo = { path: 'src/train.mjs', sha256, args: ['--bs', '8'] }
let root: string
let folder: string

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'espalier-program-')))
  folder = join(root, 'project')
  for (const place of ['project/src', 'project/node_modules/tool', 'project/.hidden', 'other']) {
    mkdirSync(join(root, place), { recursive: true })
    writeFileSync(join(root, place, 'train.mjs'), code)
  }
  symlinkSync('../../other/train.mjs', join(folder, 'src/link.mjs'))
  symlinkSync('../other', join(folder, 'away'))
  symlinkSync('train.mjs', join(folder, 'src/inside.mjs'))
  symlinkSync('loop.mjs', join(folder, 'loop.mjs'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const cards = (...programs: readonly (ProgramInfo | null)[]) =>
  programs.map((program) => ({ program }) as RunCard)

function refusal(...args: Parameters<typeof recordedProgram>): EspalierError {
  try {
    recordedProgram(...args)
  } catch (error) {
    expect(error).toBeInstanceOf(EspalierError)
    return error as EspalierError
  }
  throw new Error('it was not refused')
}

it('is a file of the project with the recorded bytes', () => {
  const path = join(folder, 'src/train.mjs')
  expect(recordedProgram(cards(good, good), folder)).toEqual({ path, shown: good.path, args: ['--bs', '8'] })
  expect(recordedProgram(cards({ ...good, path: 'src/inside.mjs' }), folder).path).toBe(path)
  symlinkSync(folder, join(root, 'to-project'))
  expect(recordedProgram(cards(good), join(root, 'to-project')).path).toBe(path)
})

it('may be given other arguments, and must be where a card does not tell them', () => {
  const program = { ...good, args: ['--data', null] }
  expect(recordedProgram(cards(program), folder, ['--data', '/x']).args).toEqual(['--data', '/x'])
  const { code, message } = refusal(cards(program), folder)
  expect(code).toBe('replay/arguments')
  expect(message).toMatch(
    /argument 2 was a place outside the project.*\n {2}→ give all the arguments again, after --/,
  )
})

it.each([
  ['replay/outside', '../other/train.mjs', 'leads out of this folder'],
  ['replay/outside', 'src/../../other/train.mjs', 'leads out of this folder'],
  ['replay/outside', 'src/link.mjs', 'leads out of this folder'],
  ['replay/outside', 'away/train.mjs', 'leads out of this folder'],
  ['replay/outside', '/bin/sh', 'is no path below this folder'],
  ['replay/outside', 'src/train.mjs\0.png', 'is no path below this folder'],
  ['replay/outside', 'node_modules/tool/train.mjs', 'is no program of this project: it was installed'],
  ['replay/missing', 'src/gone.mjs', 'there is no file src/gone.mjs here'],
  ['replay/missing', 'loop.mjs', 'there is no file loop.mjs here'],
  ['replay/missing', 'src', 'there is no file src here'],
  ['replay/missing', '.', 'there is no file . here'],
  ['replay/missing', '--eval=1', 'there is no file --eval=1 here'],
  ['replay/missing', '\u001b[2J\u202e', String.raw`there is no file \u{1b}[2J\u{202e} here`],
  ['replay/missing', 'x'.repeat(100_000), 'there is no file xxx'],
])('%s: %j', (expected, path, problem) => {
  const { code, message } = refusal(cards({ ...good, path }), folder)
  expect(code).toBe(expected)
  expect(message).toContain(problem)
  expect(message).toMatch(/^cannot replay: .*\n {2}→ .*$/)
  expect(message.length).toBeLessThan(3000)
})

it('is not run where it was changed, where there is none, and where there are several', () => {
  expect(refusal(cards({ ...good, sha256: '0'.repeat(64) }), folder).message).toMatch(
    /src\/train\.mjs has the sha256 \w{12}…, the card says 000000000000…\n {2}→ check out the version/,
  )
  expect(refusal(cards(null), folder).message).toContain('the card does not name a program')
  expect(refusal(cards(good, { ...good, args: [] }), folder).message).toContain('of several programs')
})

it('cards that cannot be read are told with their file', async () => {
  const bad = join(folder, 'bad.json')
  const problem = async (path: string) => {
    const error = await readCards(path).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(EspalierError)
    return (error as Error).message
  }
  for (const [text, said] of [
    ['[', 'it is not JSON'],
    ['{"__proto__": {}}', "it has a key '__proto__'"],
    ['{}', 'it does not say that it is a run card'],
  ] as const) {
    writeFileSync(bad, text)
    expect(await problem(bad)).toContain(`'${bad}': not a valid run card: ${said}`)
  }
  expect(await problem(join(folder, 'none.json'))).toMatch(/^cannot read '.*none\.json': /)
  expect(await problem(folder)).toContain(
    `'${folder}': it is no file\n  → give the file that a run has written`,
  )
})
