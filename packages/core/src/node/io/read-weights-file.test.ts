import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { writeSafetensors } from '../../io/safetensors.js'
import { readWeightsFile } from './read-weights-file.js'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'espalier-read-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const testdata = new URL('../../../../../testdata/weights/', import.meta.url)

it('reads safetensors and PyTorch files by what is in them, not by their names', async () => {
  const path = join(root, 'w.pth')
  writeFileSync(path, writeSafetensors(new Map([['w', { shape: [2], data: Uint8Array.of(1, 2) }]])))
  expect((await readWeightsFile(path)).get('w')?.bytes).toEqual(Uint8Array.of(1, 2))
  const torch = await readWeightsFile(new URL('two-dicts.pth', testdata).pathname, { key: 'ema' })
  expect(torch.get('w')?.shape).toEqual([2])
})

it('reads 1 KiB of a file of another kind: one of 1 TB is refused at once', async () => {
  const path = join(root, 'big.h5')
  writeFileSync(path, '\u0089HDF\r\n\u001a\n', 'latin1')
  truncateSync(path, 2 ** 40)
  const start = performance.now()
  await expect(readWeightsFile(path)).rejects.toThrow(/cannot read '.*big.h5': .*HDF5/)
  expect(performance.now() - start).toBeLessThan(1000)
})

it('names the file in every error', async () => {
  const path = join(root, 'w.safetensors')
  const file = writeSafetensors(new Map([['w', { shape: [2], data: Uint8Array.of(1, 2) }]]))
  writeFileSync(path, file.subarray(0, -1))
  await expect(readWeightsFile(path)).rejects.toMatchObject({
    code: 'safetensors/size',
    message: expect.stringMatching(
      /cannot read '.*w.safetensors': .*the tensors take 2 bytes, the file holds 1/,
    ),
  })
  await expect(readWeightsFile(join(root, 'none'))).rejects.toMatchObject({
    code: 'weights/read',
    message: expect.stringMatching(/cannot read '.*none': ENOENT/),
  })
  await expect(readWeightsFile(root)).rejects.toMatchObject({ code: 'weights/read' })
})
