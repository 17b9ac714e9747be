import type { ItemTransform } from '@espalier/data'
import type { Turn } from './geometry.js'
import { imageTransform } from './image-transform.js'
import { drawInt } from './windows.js'

/** Mirrors the pictures of a training sample, left to right, with probability `p` (fastai's `FlipItem`). */
export function flipItem({ p = 0.5 }: { readonly p?: number } = {}): ItemTransform<Turn> {
  return imageTransform<Turn>({
    name: 'flipItem',
    order: 0,
    splitIdx: 0,
    toJSON: () => ({ p }),
    draw: ({ random }) => (random.uniform() < p ? 1 : 0),
    encode: (image, turn) => (turn === 0 ? image : image.turn(turn)),
  })
}

/** Turns and mirrors the pictures of a training sample in one of eight ways (fastai's `DihedralItem`). */
export function dihedralItem({ p = 1 }: { readonly p?: number } = {}): ItemTransform<Turn> {
  return imageTransform<Turn>({
    name: 'dihedralItem',
    order: 0,
    splitIdx: 0,
    toJSON: () => ({ p }),
    draw: ({ random }) => (random.uniform() < p ? (drawInt(random, 0, 7) as Turn) : 0),
    encode: (image, turn) => (turn === 0 ? image : image.turn(turn)),
  })
}
