import { fileURLToPath } from 'node:url'
import { funcSplitter } from '@espalier/data'
import { getImageFiles } from '@espalier/vision'
import type { DemoOptions } from './demo.js'

const bundled = fileURLToPath(new URL('../data/pets/images', import.meta.url))

/** The breed that a photo's name begins with. */
export const breedOf = (path: string) => /([^/\\]+)_\d+\.jpg$/.exec(path)?.[1] ?? ''

/** Photos of cats and dogs, `BREED_NUMBER.jpg`, sorted by name; for a small run those of every fourth breed. */
export async function petPhotos({ data = bundled, small = false }: DemoOptions): Promise<readonly string[]> {
  const photos = (await getImageFiles(data)).filter((path) => breedOf(path) !== '')
  const breeds = [...new Set(photos.map(breedOf))].filter((_, i) => !small || i % 4 === 0)
  return photos.filter((path) => breeds.includes(breedOf(path)))
}

/** Every fifth photo of each breed validates. */
export function everyFifth() {
  const seen = new Map<string, number>()
  return funcSplitter((path: string) => {
    const n = seen.get(breedOf(path)) ?? 0
    seen.set(breedOf(path), n + 1)
    return n % 5 === 0
  })
}
