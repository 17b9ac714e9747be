import { readFile } from 'node:fs/promises'
import { funcSplitter } from '@espalier/data'
import { getFiles, getImageFiles } from '@espalier/vision'
import { dataFolder } from './data-folder.js'
import type { DemoOptions } from './demo.js'

const isIn = (folder: string) => (photo: string) => photo.split(/[/\\]/).at(-3) === folder

/** The mask of a photo. */
export const maskOf = (photo: string) =>
  photo.replace(/images(?=[/\\][^/\\]+$)/, 'labels').replace(/\.jpg$/, '.png')

/** The part of the photos that validates. */
export const inVal = funcSplitter(isIn('val'))

/** CamVid: photos of streets with the names of their classes, but for the test part; for a small run every 24th. */
export async function streetPhotos({ data, small = false }: DemoOptions) {
  const folder = await dataFolder(data, { file: 'camvid11_480x360.tar' })
  const [codesFile] = await getFiles(folder, { extensions: ['.txt'] })
  const names = (await readFile(codesFile!, 'utf8')).trim().split(/\s+/)
  const photos = (await getImageFiles(folder))
    .filter((f) => /images[/\\]/.test(f) && !isIn('test')(f))
    .filter((_, i) => !small || i % 24 === 0)
  return { photos, codes: names.slice(0, -1), ignore: names.length - 1 } // The last name: no class.
}
