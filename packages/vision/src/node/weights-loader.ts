import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { readWeightsFile, resolveWeights, type SafeTensor } from '@espalier/core'
import { EspalierError } from '@espalier/data'
import { packageFile } from './package-files.js'

/**
 * Finds weights on Node: `bundled:NAME` comes with this package, anything else (a path, a hub name, an address) is
 * resolved and cached by core.
 */
export async function loadWeights(reference: string): Promise<ReadonlyMap<string, SafeTensor>> {
  const bundled = /^bundled:(\w+)$/.exec(reference)?.[1]
  return readWeightsFile(bundled ? bundledFile(bundled) : await resolveWeights(reference))
}

function bundledFile(name: string): string {
  const folder = dirname(packageFile('weights', 'README.md'))
  const names = readdirSync(folder).flatMap((file) => /^(.+)\.safetensors$/.exec(file)?.[1] ?? [])
  if (names.includes(name)) return packageFile('weights', `${name}.safetensors`)
  throw new EspalierError('weights/bundled', `no weights '${name}' come with @espalier/vision`, {
    fix: `there are bundled:${names.join(', bundled:')}; others are a path, hf://org/name or an https address`,
  })
}
