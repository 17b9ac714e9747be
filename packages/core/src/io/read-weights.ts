import { detectWeights } from './detect-weights.js'
import { readSafetensors, type SafeTensor } from './safetensors.js'
import { readTorch, type TorchOptions } from './torch/read-torch.js'

/** Reads the tensors of a safetensors or PyTorch file that is in memory; which of them it is, its bytes tell. */
export function readWeights(file: Uint8Array, options: TorchOptions = {}): ReadonlyMap<string, SafeTensor> {
  return detectWeights(file) === 'safetensors' ? readSafetensors(file).tensors : readTorch(file, options)
}
