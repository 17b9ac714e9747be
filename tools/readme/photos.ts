import { cpSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const bundled = fileURLToPath(new URL('../../apps/demo/data/pets/images', import.meta.url))
const breeds = ['Abyssinian', 'Birman', 'Siamese', 'beagle', 'pug', 'samoyed']

/** Puts the folder that the examples read beside them: `pets/images`, about sixty photos of six breeds. */
export function putPhotos(folder: string): void {
  const to = join(folder, 'pets/images')
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(bundled)) {
    if (breeds.some((breed) => name.startsWith(`${breed}_`))) cpSync(join(bundled, name), join(to, name))
  }
}
