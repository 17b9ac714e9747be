import { readWeightsFile, resolveWeights, type SafeTensor } from '@espalier/core'
import { packageFile } from './package-files.js'

/**
 * Finds weights on Node: `bundled:NAME` comes with this package, anything else (a path, a hub name, an address) is
 * resolved and cached by core.
 */
export async function loadWeights(reference: string): Promise<ReadonlyMap<string, SafeTensor>> {
  const bundled = /^bundled:(\w+)$/.exec(reference)?.[1]
  return readWeightsFile(
    bundled ? packageFile('weights', `${bundled}.safetensors`) : await resolveWeights(reference),
  )
}
