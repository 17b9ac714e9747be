import { readFileSync } from 'node:fs'
import type { NdArray } from '@espalier/data'
import { goldenFolder } from '@espalier/testkit'
import type { RasterImage } from '../src/index.js'
import { type ImageInput, type OpenImageOptions, openImage } from '../src/node/index.js'
import { context } from './draws.js'

/** A picture that the oracle made. */
export const file = (name: string) => `${goldenFolder}/vision/images/${name}`
export const bytesOf = (name: string) => new Uint8Array(readFileSync(file(name)))

/** Opens a picture as an image block does. */
export async function open(input: ImageInput, options?: OpenImageOptions): Promise<RasterImage> {
  return openImage(options).encode(input, context(1))
}

export async function pixelsOf(input: ImageInput, options?: OpenImageOptions): Promise<NdArray<'uint8'>> {
  return (await open(input, options)).pixels()
}

/** Why a picture was left out. */
export async function reasonFor(input: ImageInput, options?: OpenImageOptions): Promise<string> {
  try {
    await pixelsOf(input, options)
  } catch (error) {
    if (error instanceof Error && error.name === 'SkipItem') return error.message
    throw error
  }
  throw new Error('it was read')
}

/** How far two lists of bytes are apart. */
export function furthest(a: NdArray, b: NdArray): number {
  let most = 0
  for (let i = 0; i < a.data.length; i++) most = Math.max(most, Math.abs(a.data[i]! - b.data[i]!))
  return most
}
