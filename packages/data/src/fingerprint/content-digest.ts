/** The hash of some bytes, such as sha256 in hexadecimal. */
export type Hash = (bytes: Uint8Array) => Promise<string>

const chunkBytes = 2 ** 20

/**
 * The hash of a long content without holding it: of the hashes of its pieces of a megabyte. What is written is encoded
 * with its kind and length, so that no two contents look alike.
 */
export class ContentDigest {
  readonly #hash: Hash
  readonly #hashes: Promise<string>[] = []
  readonly #text = new TextEncoder()
  #chunk = new Uint8Array(chunkBytes)
  #view = new DataView(this.#chunk.buffer)
  #used = 0

  constructor(hash: Hash) {
    this.#hash = hash
  }

  /** Marks what follows: a letter for its kind, and how much of it there is. */
  mark(kind: string, n: number): void {
    this.#room(9)
    this.#chunk[this.#used] = kind.charCodeAt(0)
    this.#view.setFloat64(this.#used + 1, n, true)
    this.#used += 9
  }

  number(x: number): void {
    this.mark('n', x)
  }

  text(s: string): void {
    this.mark('s', s.length)
    // A letter is at most three bytes of UTF-8; half a pair becomes one replacement character.
    if (s.length * 3 > chunkBytes) this.#copy(this.#text.encode(s))
    else {
      this.#room(s.length * 3)
      if (!this.#ascii(s)) this.#used += this.#text.encodeInto(s, this.#chunk.subarray(this.#used)).written
    }
  }

  bytes(data: Uint8Array): void {
    this.mark('b', data.length)
    this.#copy(data)
  }

  /** Waits for the hashes that are on their way where there are many. */
  async breathe(): Promise<void> {
    if (this.#hashes.length > 0) await this.#hashes.at(-1)
  }

  async digest(): Promise<string> {
    if (this.#used > 0) this.#flush()
    const all = await Promise.all(this.#hashes)
    return this.#hash(this.#text.encode(all.join('\n')))
  }

  /** The encoder takes longer to be called than a short text to be written; whether there were only plain letters. */
  #ascii(s: string): boolean {
    if (s.length > 64) return false
    for (let i = 0; i < s.length; i++) {
      const code = s.charCodeAt(i)
      if (code > 0x7f) return false
      this.#chunk[this.#used + i] = code
    }
    this.#used += s.length
    return true
  }

  #copy(data: Uint8Array): void {
    for (let at = 0; at < data.length; ) {
      if (this.#used === chunkBytes) this.#flush()
      const piece = data.subarray(at, at + chunkBytes - this.#used)
      this.#chunk.set(piece, this.#used)
      this.#used += piece.length
      at += piece.length
    }
  }

  #room(n: number): void {
    if (this.#used + n > chunkBytes) this.#flush()
  }

  #flush(): void {
    this.#hashes.push(this.#hash(this.#chunk.subarray(0, this.#used)))
    this.#chunk = new Uint8Array(chunkBytes)
    this.#view = new DataView(this.#chunk.buffer)
    this.#used = 0
  }
}
