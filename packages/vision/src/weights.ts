import type { SafeTensor } from '@espalier/core'
import { describe, EspalierError } from '@espalier/data'

/** Weights as they are given: a reference (path, hub name, …), or a state dict that is already in memory. */
export type WeightsLike = string | ReadonlyMap<string, SafeTensor>

/** Finds the weights that a reference names. */
export type WeightsLoader = (reference: string) => Promise<ReadonlyMap<string, SafeTensor>>

let load: WeightsLoader | undefined

/** Installs what finds weights; importing `@espalier/vision` under Node installs one for files and hubs. */
export function setWeightsLoader(loader: WeightsLoader): void {
  load = loader
}

/** The state dict of weights however they are given. */
export async function weightsOf(weights: WeightsLike): Promise<ReadonlyMap<string, SafeTensor>> {
  if (weights instanceof Map) return weights
  if (typeof weights !== 'string') {
    throw new EspalierError(
      'weights/type',
      `weights must be a path, a name or a state dict, got ${describe(weights)}`,
      {
        fix: "say weights: 'resnet34.safetensors', or weights: await readWeightsFile(path)",
      },
    )
  }
  if (load) return load(weights)
  throw new EspalierError('weights/loader', `the weights '${weights}' cannot be fetched here`, {
    fix: 'pass a state dict: readWeights(new Uint8Array(await (await fetch(url)).arrayBuffer()))',
  })
}
