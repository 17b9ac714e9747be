import { execFile } from 'node:child_process'
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { examplesIn, examplesOf } from './examples.js'
import { putPhotos } from './photos.js'
import { typeErrors } from './type-check.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const out = fileURLToPath(new URL('../out/readme', import.meta.url))
const run = promisify(execFile)

const readmes = ['', ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/`)]
  .map((folder) => `${folder}README.md`)
  .filter((path) => existsSync(join(root, path)))

it('finds the blocks of a README, and their lines', () => {
  const markdown =
    '# A\n\n```sh\nls\n```\n\n```ts\nconst a = 1\n```\ntext\n```ts\nconst b = `\n  \\`\\`\\``\n```\n'
  expect(examplesIn(markdown)).toEqual([
    { line: 8, code: 'const a = 1\n' },
    { line: 12, code: 'const b = `\n  \\`\\`\\``\n' },
  ])
  expect(readmes.length).toBeGreaterThan(4)
})

interface Written {
  readonly folder: string
  readonly examples: readonly { readonly line: number; readonly code: string; readonly file: string }[]
}

const written = new Map<string, Written>(
  readmes.map((readme) => {
    const folder = join(out, readme.replaceAll('/', '-').replace('.md', ''))
    const examples = examplesOf(join(root, readme))
    return [
      readme,
      { folder, examples: examples.map((e) => ({ ...e, file: join(folder, `line-${e.line}.ts`) })) },
    ]
  }),
)

beforeAll(() => {
  rmSync(out, { recursive: true, force: true })
  for (const { folder, examples } of written.values()) {
    putPhotos(folder)
    for (const { file, code } of examples) writeFileSync(file, code)
  }
})

it('all examples compile', () => {
  const files = [...written.values()].flatMap(({ examples }) => examples.map((e) => e.file))
  const options = { customConditions: ['espalier-source'], types: ['node'], skipLibCheck: true }
  expect(typeErrors(files, options)).toEqual([])
})

it('an example that does not compile is found', () => {
  const file = join(out, 'wrong.ts')
  writeFileSync(file, "import { ndArray } from '@espalier/data'\nndArray('float31', [2], [1, 2])\n")
  expect(typeErrors([file], { customConditions: ['espalier-source'], skipLibCheck: true })).toHaveLength(1)
})

// The blocks of one README share a folder, each in a process of its own: what the first exports, the next may load.
describe.each([...written])('%s', (_, { folder, examples }) => {
  it.each(examples)(
    'the example at line $line runs',
    async ({ file }) => {
      await run(process.execPath, ['--conditions=espalier-source', '--import', 'tsx', file], {
        cwd: folder,
        env: { ...process.env, ESPALIER_ENGINE: 'wasm', NODE_OPTIONS: '' },
        timeout: 150_000,
      })
    },
    180_000,
  )
})
