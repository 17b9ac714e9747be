import { quoted } from '../quoted.js'
import { pickleError } from './pickle-values.js'

/** The arguments of pickle operations, read one after the other; none can be read past the end. */
export class PickleReader {
  readonly #view: DataView

  constructor(
    readonly data: Uint8Array,
    public at: number,
  ) {
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  }

  /** Moves `n` bytes on; where they began. */
  #skip(n: number): number {
    const start = this.at
    if (n > this.data.length - start)
      throw pickleError(`it ends at byte ${this.data.length}, inside an operation`)
    this.at = start + n
    return start
  }

  byte(): number {
    return this.#view.getUint8(this.#skip(1))
  }

  uint16(): number {
    return this.#view.getUint16(this.#skip(2), true)
  }

  int32(): number {
    return this.#view.getInt32(this.#skip(4), true)
  }

  uint32(): number {
    return this.#view.getUint32(this.#skip(4), true)
  }

  uint64(): number {
    return Number(this.#view.getBigUint64(this.#skip(8), true))
  }

  float64(): number {
    return this.#view.getFloat64(this.#skip(8))
  }

  /** A view of the next `n` bytes. */
  bytes(n: number): Uint8Array {
    const start = this.#skip(n)
    return this.data.subarray(start, start + n)
  }

  text(n: number): string {
    return decode(this.bytes(n))
  }

  line(): string {
    const end = this.data.indexOf(0x0a, this.at)
    if (end < 0) throw pickleError('a line does not end')
    const text = this.text(end - this.at)
    this.at = end + 1
    return text
  }

  /** A little-endian two's complement integer of `n` bytes. */
  long(n: number): number | bigint {
    let value = 0n
    const bytes = this.bytes(n)
    for (let i = n - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!)
    return narrow(BigInt.asIntN(8 * n, value))
  }

  /** Protocol 1 writes booleans as the integers 00 and 01. */
  intLine(): number | bigint | boolean {
    const line = this.line()
    return line === '00' || line === '01' ? line === '01' : integer(line)
  }

  longLine(): number | bigint {
    return integer(this.line().replace(/L$/, ''))
  }

  indexLine(): number {
    return Number(integer(this.line()))
  }

  protocol(): void {
    const version = this.byte()
    if (version > 5) throw pickleError(`its protocol ${version} is newer than 5`)
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (error) {
    throw pickleError('a text is not UTF-8', error)
  }
}

function integer(digits: string): number | bigint {
  if (!/^-?\d{1,40}$/.test(digits)) throw pickleError(`${quoted(digits)} is not an integer`)
  return narrow(BigInt(digits))
}

/** A number where it is exact. */
function narrow(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
