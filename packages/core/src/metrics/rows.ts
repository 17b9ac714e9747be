import {
  allocate,
  type DType,
  EspalierError,
  type Json,
  type NdArray,
  ndArray,
  sizeOf,
  type TypedArray,
} from '@espalier/data'

/** Arrays of an epoch, batch after batch, along the first axis. */
export class Rows {
  #parts: NdArray[] = []

  constructor(
    readonly metric: string,
    readonly what: 'predictions' | 'targets',
  ) {}

  get empty(): boolean {
    return this.#parts.length === 0
  }

  clear(): void {
    this.#parts = []
  }

  push(part: NdArray): void {
    const first = this.#parts[0]
    if (
      first &&
      (first.dtype !== part.dtype || String(first.shape.slice(1)) !== String(part.shape.slice(1)))
    ) {
      throw new EspalierError(
        'metric/shape',
        `${this.metric}: ${this.what} are ${part.dtype} [${part.shape}] after ${first.dtype} [${first.shape}]`,
        { fix: 'batches of one epoch differ in their first axis only; or let the metric flatten them' },
      )
    }
    this.#parts.push(part)
  }

  /** All of them in one. */
  all(): NdArray {
    const [first, ...rest] = this.#parts
    if (!first || rest.length === 0) return first ?? ndArray('float32', [0], [])
    const shape = [this.#parts.reduce((n, p) => n + p.shape[0]!, 0), ...first.shape.slice(1)]
    const data = allocate(first.dtype, sizeOf(shape))
    let at = 0
    for (const part of this.#parts) {
      data.set(part.data, at)
      at += part.data.length
    }
    this.#parts = [{ data, shape, dtype: first.dtype }]
    return this.#parts[0]!
  }

  /** As data: the bytes in base64. */
  pack(): Json {
    if (this.empty) return null
    const { dtype, shape, data } = this.all()
    return { dtype, shape, data: toBase64(data) }
  }

  unpack(saved: Json | undefined): void {
    this.#parts = []
    if (saved === null || saved === undefined) return
    try {
      const { dtype, shape, data } = saved as { dtype: DType; shape: number[]; data: string }
      const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0))
      const values = allocate(dtype, bytes.length / allocate(dtype, 0).BYTES_PER_ELEMENT)
      new Uint8Array(values.buffer).set(bytes)
      this.#parts = [ndArray(dtype, shape, values)]
    } catch (cause) {
      throw new EspalierError('state/numbers', `the saved ${this.what} of ${this.metric} cannot be read`, {
        cause,
      })
    }
  }
}

function toBase64(data: TypedArray): string {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  let text = ''
  // Pieces of a multiple of three bytes are encoded without padding between them.
  for (let i = 0; i < bytes.length; i += 0x6000)
    text += btoa(String.fromCharCode(...bytes.subarray(i, i + 0x6000)))
  return text
}
