import { useEngine } from '@espalier/core'
import { ndArray } from '@espalier/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { intToFloat } from './int-to-float.js'

describe('intToFloat', () => {
  beforeAll(async () => {
    await useEngine('cpu')
  })

  it('makes numbers of bytes and classes of masks, and bytes again', () => {
    const bytes = ndArray('uint8', [1, 1, 3, 1], [0, 128, 255], 'image')
    const mask = ndArray('uint8', [1, 1, 3], [0, 255, 254], 'mask')
    const tfm = intToFloat({ divMask: 255 })
    const [x, y] = tfm.host([bytes, mask], [0], { seed: 0, epoch: 0, split: 0 })
    expect(x!.dtype).toBe('float32')
    expect(x!.data[1]).toBeCloseTo(128 / 255, 6)
    expect([y!.dtype, ...y!.data]).toEqual(['int32', 0, 1, 0])
    const [back] = tfm.decodeHost!([{ ...x!, data: Float32Array.of(-0.5, 0.5, 1.7) }])
    expect([back!.dtype, ...back!.data]).toEqual(['uint8', 0, 127, 255])
  })
})
