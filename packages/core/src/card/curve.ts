import { EspalierError } from '@espalier/data'
import type { CardNumber } from './run-card.js'

/** The numbers of a curve as text: base64 of float32, little-endian. Losses are float32 and stay what they were. */
export function packCurve(numbers: readonly number[]): string {
  const bytes = new Uint8Array(Float32Array.from(numbers).buffer)
  let text = ''
  for (let i = 0; i < bytes.length; i += 0x6000) text += String.fromCharCode(...bytes.subarray(i, i + 0x6000))
  return btoa(text)
}

/** The curve that a run card holds as text: a number for each step. */
export function unpackCurve(packed: string): Float32Array {
  try {
    const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0))
    return new Float32Array(bytes.buffer)
  } catch (cause) {
    throw new EspalierError(
      'card/curve',
      'a curve of the run card cannot be read: it is not base64 of float32',
      {
        fix: 'write the card again',
        cause,
      },
    )
  }
}

/** A number as JSON can hold it. */
export function cardNumber(value: number): CardNumber {
  return Number.isFinite(value) ? value : (String(value) as CardNumber)
}
