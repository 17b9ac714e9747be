import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RunCard } from '@espalier/core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'

// Each test starts several processes.
vi.setConfig({ testTimeout: 180_000 })

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
// Inside the workspace: programs in it find Espalier.
const folder = fileURLToPath(new URL('../out/replay', import.meta.url))
const flags = ['--conditions=espalier-source', '--import', 'tsx']

const program = `
import { writeFileSync } from 'node:fs'
import { Learner, Linear, useEngine, withSeed } from '@espalier/core'
import { categoryBlock, dataBlock, ndArray } from '@espalier/data'

const [bs = '8', learners = '1'] = process.argv.slice(2)
writeFileSync('ran.txt', process.argv.slice(2).join(' '))
await useEngine()
const points = Array.from({ length: 48 }, (_, i) => [Math.cos(7 * i), Math.sin(11 * i)])
for (let i = 0; i < Number(learners); i++) {
  const dls = await dataBlock({
    blocks: [{ name: 'point', typeTfms: () => [(xy) => ndArray('float32', [2], xy)] }, categoryBlock()],
    getY: ([x, y]) => (x > y ? 'right' : 'left'),
  }).dataLoaders(points, { bs: Number(bs), seed: 3 + i })
  using learn = new Learner(dls, withSeed(1, () => new Linear(2, 2)), { verbose: false, card: 'run.json' })
  const drift = process.env.DRIFT ? [{ name: 'drift', afterLoss: (s) => { s.lossGrad = s.lossGrad.mul(2) } }] : []
  await learn.fitOneCycle(2, 1e-2, { cbs: drift })
}
`

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'train.ts'), program)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A program of the folder, or the command, in a process of its own. */
function run(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  rmSync(join(folder, 'ran.txt'), { force: true })
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, ...args], {
    env: { ...process.env, NODE_OPTIONS: '', ESPALIER_ENGINE: 'cpu', ...env },
    encoding: 'utf8',
    cwd: folder,
  })
  const path = join(folder, 'ran.txt')
  return { status, stdout, stderr, ran: existsSync(path) ? readFileSync(path, 'utf8') : undefined }
}

const espalier = (args: readonly string[], env?: NodeJS.ProcessEnv) => run([cli, ...args], env)

function cardOf(...args: readonly string[]): RunCard {
  const { status, stderr } = run(['train.ts', ...args])
  expect([status, stderr]).toEqual([0, ''])
  return JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as RunCard
}

function written(name: string, card: unknown): string {
  writeFileSync(join(folder, name), JSON.stringify(card))
  return name
}

it('espalier replay runs the program again and finds the same weights', () => {
  const card = cardOf('8')
  expect(card.program).toMatchObject({ path: 'train.ts', args: ['8'] })
  const { status, stdout, stderr, ran } = espalier(['replay', 'run.json', '--yes'])
  expect(stderr).toBe('')
  expect(stdout).toContain('replays run.json: node --conditions=espalier-source --import tsx train.ts 8\n')
  expect(stdout).toContain(`same: the weights have the sha256 ${card.weights.slice(0, 12)}… again`)
  expect([status, ran]).toEqual([0, '8'])
  // The file that the program writes by itself still holds the recorded card.
  expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).toEqual(card)

  const drifted = espalier(['replay', 'run.json', '--yes'], { DRIFT: 'yes' })
  expect(drifted.status).toBe(1)
  expect(drifted.stdout).toContain("  fits[0].callbacks.drift: nothing → 'no options'\n")
  expect(drifted.stdout).toMatch(/\n {2}fits\[0\]\.losses\[\d\]: [\d.]+ → [\d.]+\n/)
  expect(drifted.stdout.endsWith('different\n')).toBe(true)
})

it('espalier replay runs nothing without a yes, nor what is not the recorded program', () => {
  const card = cardOf('8')
  const asked = espalier(['replay', 'run.json'])
  expect([asked.status, asked.ran]).toEqual([1, undefined])
  expect(asked.stdout).toContain('replays run.json: node ')
  expect(asked.stderr).toContain('nothing is run without a yes, and there is no terminal to ask on')
  const changed = written('changed.json', { ...card, program: { ...card.program, sha256: card.weights } })
  const { status, stderr, ran } = espalier(['replay', changed, '--yes'])
  expect([status, ran]).toEqual([1, undefined])
  expect(stderr).toMatch(/^cannot replay: train\.ts has the sha256 \w{12}…, the card says \w{12}…\n/)
})

it('espalier replay compares all the learners of a program, and says when there is none', () => {
  const cards = cardOf('8', '2') as unknown as readonly RunCard[]
  expect(cards).toHaveLength(2)
  const { status, stdout } = espalier(['replay', 'run.json', '--yes', '--', '16', '2'])
  expect(status).toBe(1)
  for (const i of [0, 1]) {
    expect(stdout).toContain(`\n  learner ${i}: bs: 8 → 16\n`)
    expect(stdout).toContain(`\n  learner ${i}: program.args: ['8', '2'] → ['16', '2']\n`)
  }
  const idle = 'process.exitCode = 3\n'
  writeFileSync(join(folder, 'idle.mjs'), idle)
  const program = { path: 'idle.mjs', sha256: createHash('sha256').update(idle).digest('hex'), args: [] }
  const nothing = espalier(['replay', written('idle.json', { ...cards[0], program }), '--yes'])
  expect(nothing.status).toBe(1)
  expect(nothing.stderr).toContain('the program ended with status 3 and has trained nothing')
})

it('espalier diff names the changed fields of two cards', () => {
  const a = written('a.json', cardOf('8'))
  const b = written('b.json', cardOf('16'))
  const { status, stdout } = espalier(['diff', a, b])
  expect(status).toBe(1)
  expect(stdout).toMatch(/^bs: 8 → 16\nvalidBs: 8 → 16\n/)
  expect(espalier(['diff', a, a])).toMatchObject({ status: 0, stdout: 'no difference\n' })
})
