import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { describeNative } from './support/native.js'

const run = promisify(execFile)
const count = 320

describeNative('hostile calls', () => {
  it(`end in typed errors, never in an abort (${count} of them, in a process of their own)`, async () => {
    const child = new URL('fuzz/child.ts', import.meta.url).pathname
    const args = ['--conditions=espalier-source', '--import', 'tsx', child, '0', String(count)]
    const { stdout } = await run(process.execPath, args)
    const result = JSON.parse(stdout)
    expect(result.wrong, 'calls that are in order').toEqual([])
    expect(result.untyped).toEqual([])
    expect(result.refused).toBeGreaterThan(count / 2)
    expect(result.ok + result.refused).toBe(count)
    expect(result.left, 'tensors left behind').toBe(0)
  })
})
