const decoder = new TextDecoder('utf-8')

/** The texts of a column by their bytes: only what is new is decoded. */
export class ByteTexts {
  readonly vocab: string[] = []
  /** Where the bytes of each text lie; slots of a table with open addressing hold code + 1. */
  readonly #known: Uint8Array[] = []
  readonly #codes: number[] = []
  #hashes: number[] = []
  #slots = new Int32Array(64)

  /** `missing` texts have the code −1. */
  constructor(missing: readonly string[] = []) {
    const encoder = new TextEncoder()
    for (const text of missing) {
      const bytes = encoder.encode(text)
      this.#add(bytes, 0, bytes.length, hash(bytes, 0, bytes.length), -1)
    }
  }

  codeOf(bytes: Uint8Array, start: number, end: number): number {
    const h = hash(bytes, start, end)
    const last = this.#slots.length - 1
    for (let slot = h & last; ; slot = (slot + 1) & last) {
      const k = this.#slots[slot]! - 1
      if (k < 0) break
      if (this.#hashes[k] === h && same(this.#known[k]!, bytes, start, end)) return this.#codes[k]!
    }
    const code = this.vocab.push(decoder.decode(bytes.subarray(start, end))) - 1
    this.#add(bytes, start, end, h, code)
    return code
  }

  #add(bytes: Uint8Array, start: number, end: number, h: number, code: number): void {
    const k = this.#known.push(bytes.slice(start, end)) - 1
    this.#codes.push(code)
    this.#hashes.push(h)
    if (this.#known.length * 2 > this.#slots.length) {
      this.#slots = new Int32Array(this.#slots.length * 4)
      for (let i = 0; i <= k; i++) this.#place(i)
    } else this.#place(k)
  }

  #place(k: number): void {
    const last = this.#slots.length - 1
    let slot = this.#hashes[k]! & last
    while (this.#slots[slot] !== 0) slot = (slot + 1) & last
    this.#slots[slot] = k + 1
  }
}

/** 32-bit FNV-1a. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let h = 0x811c9dc5
  for (let i = start; i < end; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193)
  return (h ^ (h >>> 15)) | 0
}

function same(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false
  return true
}
