import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, hostname, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { machineAccess, programOf } from './machine.js'

let folder: string

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'espalier-machine-')))
  mkdirSync(join(folder, 'sub'))
  writeFileSync(join(folder, 'sub', 'train.js'), '// trains\n')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const called = (...args: readonly string[]) =>
  programOf(['node', join(folder, 'sub/train.js'), ...args], folder)

it('tells a program by its path below the folder and by its bytes', async () => {
  expect(await called('--bs', '32')).toEqual({
    path: 'sub/train.js',
    sha256: createHash('sha256').update('// trains\n').digest('hex'),
    args: ['--bs', '32'],
  })
})

it('tells arguments without what lies outside the folder', async () => {
  const inside = [join(folder, 'data'), `--out=${join(folder, 'out/x.json')}`, 'sub/../data', folder]
  expect((await called(...inside))?.args).toEqual(['data', '--out=out/x.json', 'data', '.'])
  const outside = ['/data', '--out=/home/x', '../x', 'a/../../b', '~/x', 'file:///x', `-o${homedir()}/x`]
  expect((await called(...outside))?.args).toEqual(outside.map(() => null))
  const plain = ['', '-1', 'a..b', '--=', 'https://example.com/x', '..x', '--name=a=b']
  expect((await called(...plain))?.args).toEqual(plain)
})

it('tells nothing of a program outside, of none, and of one that is gone', async () => {
  expect(await programOf(['node', join(folder, 'sub/train.js')], join(folder, 'other'))).toBe(undefined)
  expect(await programOf(['node'], folder)).toBe(undefined)
  expect(await programOf(['node', join(folder, 'gone.js')], folder)).toBe(undefined)
})

it('tells the machine, and neither who uses it nor what it is called', () => {
  const text = JSON.stringify(machineAccess.describe())
  expect(text).toContain(process.versions.node)
  for (const name of [userInfo().username, hostname()]) {
    if (name.length > 4) expect(text).not.toContain(name)
  }
})

it('tells the versions of what is installed', async () => {
  const versions = await machineAccess.versions([
    '@espalier/core',
    '@espalier/data',
    'zod',
    'no-such-package',
  ])
  expect(Object.keys(versions)).toEqual(['@espalier/core', '@espalier/data', 'zod'])
  expect(versions['zod']).toMatch(/^\d+\.\d+\.\d+$/)
})
