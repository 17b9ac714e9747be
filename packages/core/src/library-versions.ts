import * as tf from './engine/tf.js'
import { installedPlatform } from './platform.js'

/** The packages that numbers depend on. */
const packages = [
  'espalier',
  '@espalier/core',
  '@espalier/data',
  '@espalier/vision',
  '@espalier/tensorflow',
  'sharp',
]

/** The versions that are installed, by package. */
export async function libraryVersions(): Promise<Readonly<Record<string, string>>> {
  const found = await installedPlatform()?.machine?.versions(packages)
  return { ...found, '@tensorflow/tfjs-core': tf.version_core }
}
