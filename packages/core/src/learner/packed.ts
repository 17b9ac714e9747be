import { EspalierError, type Json } from '@espalier/data'

/** A list of numbers as text, exact to the last bit and short: base64 of float64, little-endian. */
export function packNumbers(numbers: readonly number[]): string {
  const bytes = new Uint8Array(Float64Array.from(numbers).buffer)
  let text = ''
  for (let i = 0; i < bytes.length; i += 0x6000) text += String.fromCharCode(...bytes.subarray(i, i + 0x6000))
  return btoa(text)
}

/** The numbers that {@link packNumbers} packed. */
export function unpackNumbers(packed: Json | undefined): number[] {
  try {
    const bytes = Uint8Array.from(atob(packed as string), (c) => c.charCodeAt(0))
    return Array.from(new Float64Array(bytes.buffer))
  } catch (cause) {
    throw new EspalierError('state/numbers', 'the numbers of a saved state cannot be read', { cause })
  }
}
