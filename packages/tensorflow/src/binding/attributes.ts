import { EspalierError } from '@espalier/data'
import type { Pointer } from '../native/library.js'
import type { TensorflowApi } from './api.js'
import { attributeTypes } from './data-types.js'

/** An attribute of an operation, in the form of tfjs's kernels. */
export interface Attribute {
  readonly name: string
  /** One of {@link attributeTypes}. */
  readonly type: number
  readonly value: unknown
}

/** Gives an attribute to an operation; an integer that the type cannot hold is an error. */
export function setAttribute(
  api: TensorflowApi,
  op: Pointer,
  { name, type, value }: Attribute,
  status: Pointer,
): void {
  if (type === attributeTypes.type) api.setType(op, name, integer(name, value))
  else if (type === attributeTypes.float) api.setFloat(op, name, Number(value))
  else if (type === attributeTypes.bool) api.setBool(op, name, value ? 1 : 0)
  else if (type === attributeTypes.string) {
    api.setString(op, name, String(value), Buffer.byteLength(String(value)))
  } else if (type === attributeTypes.shape) {
    const dims = value as readonly number[]
    api.setShape(op, name, integers(name, dims), dims.length, status)
  } else if (type !== attributeTypes.int) {
    throw new EspalierError('engine/attribute', `the attribute '${name}' has the unknown type ${type}`)
  } else if (Array.isArray(value)) api.setIntList(op, name, integers(name, value), value.length)
  else api.setInt(op, name, integer(name, value))
}

function integer(name: string, value: unknown): number {
  if (Number.isSafeInteger(value)) return value as number
  throw new EspalierError('engine/attribute', `the attribute '${name}' must be a whole number, got ${value}`)
}

function integers(name: string, values: readonly unknown[]): BigInt64Array {
  return BigInt64Array.from(values, (v) => BigInt(integer(name, v)))
}

/** Attributes of one kind each, for kernels written here. */
export const attribute = {
  type: (name: string, value: number): Attribute => ({ name, type: attributeTypes.type, value }),
  int: (name: string, value: number | readonly number[]): Attribute => ({
    name,
    type: attributeTypes.int,
    value,
  }),
  float: (name: string, value: number): Attribute => ({ name, type: attributeTypes.float, value }),
  bool: (name: string, value: boolean): Attribute => ({ name, type: attributeTypes.bool, value }),
  string: (name: string, value: string): Attribute => ({ name, type: attributeTypes.string, value }),
  shape: (name: string, value: readonly number[]): Attribute => ({ name, type: attributeTypes.shape, value }),
}
