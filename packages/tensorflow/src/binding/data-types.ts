/** TensorFlow's numbers for the element types that tensors here can have (`TF_DataType`). */
export const dataTypes = {
  float: 1,
  int32: 3,
  uint8: 4,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  resource: 20,
} as const

/** Numbers of the kinds of attributes, as tfjs's kernels use them (`TF_AttrType`). */
export const attributeTypes = {
  string: 0,
  int: 1,
  float: 2,
  bool: 3,
  type: 4,
  shape: 5,
  resource: 6,
} as const

interface Element {
  readonly name: string
  /** Bytes of one element. */
  readonly bytes: number
  /** The typed array that holds such elements; complex numbers are pairs of floats. */
  readonly array?: ArrayConstructor
}

type ArrayConstructor =
  | Float32ArrayConstructor
  | Int32ArrayConstructor
  | Uint8ArrayConstructor
  | BigInt64ArrayConstructor

const elements = new Map<number, Element>([
  [dataTypes.float, { name: 'float32', bytes: 4, array: Float32Array }],
  [dataTypes.int32, { name: 'int32', bytes: 4, array: Int32Array }],
  [dataTypes.uint8, { name: 'uint8', bytes: 1, array: Uint8Array }],
  [dataTypes.string, { name: 'string', bytes: 24 }],
  [dataTypes.complex64, { name: 'complex64', bytes: 8, array: Float32Array }],
  [dataTypes.int64, { name: 'int64', bytes: 8, array: BigInt64Array }],
  [dataTypes.bool, { name: 'bool', bytes: 1, array: Uint8Array }],
  [dataTypes.resource, { name: 'resource', bytes: 8 }],
])

/** What is known about an element type; other types are opaque and 8 bytes are assumed. */
export function elementOf(dtype: number): Element {
  return elements.get(dtype) ?? { name: `type ${dtype}`, bytes: 8 }
}
