import type { FileHandle } from 'node:fs/promises'
import { EspalierError } from '@espalier/data'
import { detectWeights } from '../../io/detect-weights.js'
import { readWeights } from '../../io/read-weights.js'
import type { SafeTensor } from '../../io/safetensors.js'
import type { TorchOptions } from '../../io/torch/read-torch.js'
import { readHead, withFile } from './local-file.js'

/**
 * Reads the tensors of a safetensors or PyTorch file. Its first 1 KiB tell what it is, and no more is read of a
 * file of another kind. Errors name the file.
 */
export function readWeightsFile(
  path: string,
  options: TorchOptions = {},
): Promise<ReadonlyMap<string, SafeTensor>> {
  return withFile(path, async (file) => {
    detectWeights(await readHead(file))
    return readWeights(await readAll(file), options)
  })
}

/** The system reads at most 2 GiB at once. */
const most = 2 ** 30

async function readAll(file: FileHandle): Promise<Uint8Array> {
  const { size } = await file.stat()
  const bytes = new Uint8Array(size)
  for (let at = 0; at < size; ) {
    const { bytesRead } = await file.read(bytes, at, Math.min(most, size - at), at)
    if (bytesRead === 0)
      throw new EspalierError('weights/read', `it became shorter while it was read: ${at} of ${size} bytes`)
    at += bytesRead
  }
  return bytes
}
