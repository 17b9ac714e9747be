import { EspalierError } from '@espalier/data'
import { isFiniteAll } from '../engine/finite.js'

/** The numbers of a weight as they were copied. */
export interface CopiedWeight {
  readonly name: string
  /** No gradient changes it: a mask, which may be infinite. */
  readonly isBuffer: boolean
  /** float32, in order; no number is divided. */
  readonly parts: readonly Uint8Array[]
}

/** How many bytes are looked at before training gets a turn. */
const atOnce = 2 ** 22

/** Throws where a weight is no number: such a state would put itself before the last good one. */
export async function checkFinite(weights: readonly CopiedWeight[]): Promise<void> {
  let seen = 0
  for (const { name, isBuffer, parts } of weights) {
    for (const part of parts) {
      if (isBuffer ? floats(part).some(Number.isNaN) : !isFiniteAll(floats(part))) throw notFinite(name)
      seen += part.length
      if (seen < atOnce) continue
      seen = 0
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
  }
}

function floats({ buffer, byteOffset, length }: Uint8Array): Float32Array {
  return new Float32Array(buffer as ArrayBuffer, byteOffset, length / 4)
}

function notFinite(name: string): EspalierError {
  return new EspalierError('checkpoint/not-finite', `the weight ${name} holds numbers that are not finite`, {
    fix: 'the state before is kept: go on from there with a lower learning rate, or with gradientClip()',
  })
}
