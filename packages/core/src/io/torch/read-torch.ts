import type { SafeTensor } from '../safetensors.js'
import { Allowance } from './allowance.js'
import { readLegacyFile } from './legacy-file.js'
import { stateDictIn } from './state-dict-in.js'
import { contentsOf } from './torch-tensor.js'
import { readZipFile } from './zip-file.js'

/** Where the weights are in a torch file, and how much memory reading them may take. */
export interface TorchOptions {
  /** The dict that holds the weights, where a file has several: `model`, `ema.state_dict`. */
  readonly key?: string
  /** Bytes that may be allocated beside the file. Default: 64 MiB and four times the file. */
  readonly maxBytes?: number
}

/**
 * Reads the tensors of a file written by `torch.save` (`.pth`, `.pt`, `.bin`), in either of its formats.
 * The pickle in it is read as data by an interpreter that knows a closed list of names: nothing is executed,
 * imported or used as a path, and a file that asks for more ends in `torch/forbidden`. Tensors that lie row-major
 * in the file are views of it, and those that share a storage share their bytes.
 */
export function readTorch(file: Uint8Array, options: TorchOptions = {}): ReadonlyMap<string, SafeTensor> {
  const allowance = new Allowance(options.maxBytes ?? 2 ** 26 + 4 * file.length)
  // A zip begins with PK.
  const isZip = file[0] === 0x50 && file[1] === 0x4b
  const root = isZip ? readZipFile(file, allowance) : readLegacyFile(file)
  const tensors = new Map<string, SafeTensor>()
  for (const [name, tensor] of stateDictIn(root, options.key)) {
    tensors.set(name, contentsOf(name, tensor, allowance))
  }
  return tensors
}
