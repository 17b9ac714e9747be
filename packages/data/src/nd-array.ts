import { EspalierError } from './errors.js'

/** The element types a batch may have, and the typed array behind each. */
export interface TypedArrays {
  float32: Float32Array
  int32: Int32Array
  uint8: Uint8Array
  bool: Uint8Array
}
/** The name of an element type. */
export type DType = keyof TypedArrays
/** Any of the arrays that hold elements. */
export type TypedArray = TypedArrays[DType]

/** Numbers with a shape: row-major, batch first, images `[h, w, c]`. What loaders yield and engines take. */
export interface NdArray<D extends DType = DType> {
  readonly data: TypedArrays[D]
  readonly shape: readonly number[]
  readonly dtype: D
  /** What the numbers mean (`image`, `mask`, `category`, …): transforms act on the kinds they know. */
  readonly kind?: string
}

const constructors = {
  float32: Float32Array,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const

/** The number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((n, d) => n * d, 1)
}

/** A zeroed typed array of `length` elements. */
export function allocate<D extends DType>(dtype: D, length: number): TypedArrays[D] {
  return new constructors[dtype](length) as TypedArrays[D]
}

/** An array over existing numbers; `data` is not copied. Throws when its length and the shape disagree. */
export function ndArray<D extends DType>(
  dtype: D,
  shape: readonly number[],
  data: TypedArrays[D] | readonly number[],
  kind?: string,
): NdArray<D> {
  if (data.length !== sizeOf(shape)) {
    throw new EspalierError(
      'nd-array/shape',
      `ndArray: shape [${shape}] needs ${sizeOf(shape)} numbers, got ${data.length}`,
    )
  }
  const values = ArrayBuffer.isView(data) ? data : (constructors[dtype].from(data) as TypedArrays[D])
  return kind === undefined ? { data: values, shape, dtype } : { data: values, shape, dtype, kind }
}

/** Whether something is an {@link NdArray}. */
export function isNdArray(x: unknown): x is NdArray {
  const { data, shape, dtype } = (x ?? {}) as Partial<NdArray>
  return ArrayBuffer.isView(data) && shape !== undefined && dtype !== undefined
}

/** What a step made of an array means what the array meant, unless the step says something else. */
export function retainKind<T>(before: unknown, after: T): T {
  if (!isNdArray(before) || before.kind === undefined || !isNdArray(after) || after.kind !== undefined)
    return after
  return { ...after, kind: before.kind }
}

/** Stacks equally shaped arrays along a new first axis: n × `[…]` → `[n, …]`. */
export function stack<D extends DType>(arrays: readonly NdArray<D>[]): NdArray<D> {
  const first = arrays[0]
  if (!first) throw new EspalierError('nd-array/stack', 'there is nothing to stack')
  const data = allocate(first.dtype, arrays.length * first.data.length)
  arrays.forEach((a, i) => {
    if (a.dtype !== first.dtype || String(a.shape) !== String(first.shape)) {
      throw new EspalierError(
        'nd-array/stack',
        `cannot stack: element 0 is ${first.dtype} [${first.shape}], element ${i} is ${a.dtype} [${a.shape}]`,
      )
    }
    data.set(a.data, i * first.data.length)
  })
  return { ...first, data, shape: [arrays.length, ...first.shape] }
}

/** Element `i` of the first axis, as a view: `[n, …]` → `[…]`. */
export function row<D extends DType>(array: NdArray<D>, i: number): NdArray<D> {
  const shape = array.shape.slice(1)
  const n = sizeOf(shape)
  return { ...array, shape, data: array.data.subarray(i * n, (i + 1) * n) as TypedArrays[D] }
}
