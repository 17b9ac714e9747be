import { createHash, type Hash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { hrtime } from 'node:process'
import { EspalierError, reasonOf } from '@espalier/data'
import type { TokenSource } from '../tokenize/tokens.js'
import { beginsOf, type TokenStore } from './token-store.js'

/*
 * A file of tokens: their numbers, 4 bytes each, little end first; then a text in JSON that says what they mean; then
 * its length in 8 digits of 16, and a mark.
 */
const mark = 'espalier-tokens1'
const tail = 8 + mark.length

interface Meaning {
  /** What the tokens were made from, and how. */
  readonly key: string
  readonly words: readonly string[]
  readonly lens: readonly number[]
  readonly sha256: string
}

/** Writes tokens to a file that is there when all of them are, or not at all. */
export class FileStore implements TokenStore {
  readonly #fresh: string
  readonly #hash: Hash = createHash('sha256')
  readonly #lens: number[] = []
  #file: FileHandle | undefined

  constructor(
    readonly path: string,
    readonly key: string,
  ) {
    this.#fresh = `${path}.${process.pid}-${hrtime.bigint()}`
  }

  async add(ids: Int32Array, lens: Int32Array): Promise<void> {
    if (!this.#file) await mkdir(dirname(this.path), { recursive: true })
    this.#file ??= await open(this.#fresh, 'w')
    const bytes = new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength)
    this.#hash.update(bytes)
    await this.#file.appendFile(bytes)
    for (const n of lens) this.#lens.push(n)
  }

  async finish(words: readonly string[]): Promise<TokenSource> {
    if (!this.#file) await this.add(new Int32Array(0), new Int32Array(0))
    const meaning: Meaning = { key: this.key, words, lens: this.#lens, sha256: this.#hash.digest('hex') }
    const text = Buffer.from(JSON.stringify(meaning))
    const file = this.#file!
    await file.appendFile(text)
    await file.appendFile(text.length.toString(16).padStart(8, '0') + mark)
    await file.sync()
    await file.close()
    await rename(this.#fresh, this.path)
    return openTokens(this.path, this.key)
  }

  /** Gives up: nothing is left. */
  async abandon(): Promise<void> {
    await this.#file?.close().catch(() => {})
    await rm(this.#fresh, { force: true })
  }
}

/** Reads tokens from a file as they are needed; throws where it is damaged or holds others. */
export function openTokens(path: string, key: string): TokenSource {
  const fd = openSync(path, constants.O_RDONLY)
  try {
    const { words, lens, sha256, key: found } = meaningOf(fd)
    if (found !== key) throw new Error('it was made from other texts, or in another way')
    const begins = beginsOf(lens)
    if (sha256 !== hashOf(fd, begins[lens.length]! * 4))
      throw new Error('its tokens are not those that were written')
    return { ...{ length: lens.length, words, lens }, read: (i) => numbersAt(fd, begins[i]!, lens[i]!) }
  } catch (error) {
    closeSync(fd)
    throw new EspalierError('text/cache', `the tokens in '${path}' cannot be used: ${reasonOf(error)}`, {
      fix: 'remove the file: it is made again',
      cause: error,
    })
  }
}

function meaningOf(fd: number): Meaning {
  const { size } = fstatSync(fd)
  const end = bytesAt(fd, size - tail, tail).toString('latin1')
  const length = Number.parseInt(end.slice(0, 8), 16)
  if (end.slice(8) !== mark || !(length <= size - tail)) throw new Error('it does not end as it should')
  const meaning = JSON.parse(bytesAt(fd, size - tail - length, length).toString()) as Meaning
  const tokens = meaning.lens.reduce((a, b) => a + b, 0)
  if (tokens * 4 !== size - tail - length) throw new Error('it is shorter or longer than it says')
  return meaning
}

function bytesAt(fd: number, from: number, n: number): Buffer {
  const bytes = Buffer.alloc(n)
  if (from < 0 || readSync(fd, bytes, 0, n, from) !== n) throw new Error('it is too short')
  return bytes
}

function numbersAt(fd: number, from: number, n: number): Int32Array {
  const numbers = new Int32Array(n)
  if (n > 0 && readSync(fd, numbers, 0, n * 4, from * 4) !== n * 4) {
    throw new EspalierError('text/cache', 'the file of tokens became shorter while it was read', {
      fix: 'make the loaders again',
    })
  }
  return numbers
}

function hashOf(fd: number, bytes: number): string {
  const hash = createHash('sha256')
  const part = Buffer.alloc(1 << 20)
  for (let at = 0; at < bytes; ) {
    const n = readSync(fd, part, 0, Math.min(part.length, bytes - at), at)
    if (n === 0) break
    hash.update(part.subarray(0, n))
    at += n
  }
  return hash.digest('hex')
}
