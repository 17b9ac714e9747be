import { tmpdir } from 'node:os'
import { expect, it } from 'vitest'
import { publishedPackages } from './packages.js'
import { cleanEnvironment, runIn } from './run.js'

it('hides the workspace from what is run', () => {
  process.env['NODE_PATH'] = 'somewhere'
  process.env['npm_package_name'] = 'espalier-workspace'
  const env = cleanEnvironment({ ADDED: '1', HOME: undefined })
  expect(env).toMatchObject({ ADDED: '1', PATH: process.env['PATH'] })
  for (const name of ['NODE_PATH', 'npm_package_name', 'HOME']) expect(env).not.toHaveProperty(name)
})

it('packs what is not private, with all that it needs of the workspace', () => {
  const byName = new Map(publishedPackages().map((p) => [p.name, p]))
  expect(byName.has('@espalier/testkit')).toBe(false)
  expect(byName.get('@espalier/data')?.needs).toEqual([])
  expect(new Set(byName.get('@espalier/vision')?.needs)).toEqual(
    new Set(['@espalier/core', '@espalier/data']),
  )
  expect(byName.get('espalier')?.command).toBe('espalier')
})

it('says what a program said when it failed', async () => {
  const failed = await runIn(tmpdir(), process.execPath, [
    '-e',
    'console.log("reading"); console.error("no such photo"); process.exit(1)',
  ])
  expect(failed).toMatchObject({ ok: false, problem: 'reading\nno such photo' })
  expect(await runIn(tmpdir(), process.execPath, ['-e', 'console.log(1)'])).toEqual({ ok: true, out: '1\n' })
})
