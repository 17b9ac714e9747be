import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { root } from './repository.js'

/** Bundles code for the browser; returns what is left to import, and the bundle's size in bytes. */
async function bundle(code: string): Promise<{ readonly left: readonly string[]; readonly bytes: number }> {
  const { metafile, outputFiles } = await build({
    stdin: { contents: code, resolveDir: join(root, 'packages/espalier'), loader: 'ts' },
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['espalier-source', 'browser', 'module', 'import'],
    logLevel: 'silent',
    outdir: 'out',
  })
  const left = Object.values(metafile.outputs).flatMap((o) =>
    o.imports.filter((i) => i.external).map((i) => i.path),
  )
  return { left, bytes: outputFiles.reduce((n, f) => n + f.contents.length, 0) }
}

it.each(['data', 'core', 'vision', 'text', 'tabular', 'tabular/collab'])(
  'the neutral entry of %s bundles for the browser',
  async (name) => {
    const { left, bytes } = await bundle(`export * from '@espalier/${name}'`)
    expect(left).toEqual([])
    expect(bytes).toBeGreaterThan(10_000)
  },
)

it('a bundle of an entry for Node does not', async () => {
  await expect(bundle("export * from '@espalier/data/node'")).rejects.toThrow(/Could not resolve "node:fs/)
})
