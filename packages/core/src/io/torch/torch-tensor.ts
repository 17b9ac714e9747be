import { EspalierError } from '@espalier/data'
import { quoted } from '../quoted.js'
import type { SafeTensor } from '../safetensors.js'
import { bytesOf, elementBytes } from '../safetensors-header.js'
import type { Allowance } from './allowance.js'
import { pickleError, Tuple } from './pickle-values.js'
import { dtypes } from './storage-kinds.js'
import { isNatural, TorchStorage } from './torch-storage.js'

/** A tensor as a torch file describes it: element [i, j, …] is number `offset + i·stride₀ + j·stride₁ + …`. */
export class TorchTensor {
  private constructor(
    readonly storage: TorchStorage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly stride: readonly number[],
    /** Only where the storage is untyped: `torch.uint16`. */
    readonly dtypeName: string | undefined,
  ) {}

  /** Checks what a file gives to `_rebuild_tensor…`. That it stays inside its storage is checked when it is read. */
  static from(
    storage: unknown,
    offset: unknown,
    size: unknown,
    stride: unknown,
    dtypeName?: string,
  ): TorchTensor {
    if (!(storage instanceof TorchStorage)) throw pickleError('a tensor has no storage')
    const [shape, steps] = [naturals(size), naturals(stride)]
    if (!isNatural(offset) || !shape || !steps || shape.length !== steps.length) {
      throw pickleError('a tensor has no valid offset, sizes and strides')
    }
    return new TorchTensor(storage, offset, shape, steps, dtypeName)
  }
}

/**
 * The numbers of a tensor, row-major: a view of the storage where they lie so, else a copy, paid for from the
 * allowance. Throws `torch/dtype`, `torch/size` or `torch/too-large`.
 */
export function contentsOf(name: string, tensor: TorchTensor, allowance: Allowance): SafeTensor {
  const { storage, offset, shape, stride, dtypeName } = tensor
  const dtype = dtypeName === undefined ? storage.id.kind.dtype : dtypes.get(dtypeName)
  if (!dtype) {
    throw new EspalierError(
      'torch/dtype',
      `tensor ${quoted(name)} is ${dtypeName ?? storage.id.className}, which is not supported`,
      { fix: 'convert it in Python first: tensor.float()' },
    )
  }
  const n = bytesOf(dtype, shape)
  if (n === 0) return { dtype, shape, bytes: new Uint8Array(0) }
  const bytes = storage.bytes()
  const element = elementBytes[dtype]
  const last = shape.reduce((at, d, i) => at + (d - 1) * stride[i]!, offset)
  if (n === undefined || !(last < bytes.length / element)) {
    throw new EspalierError(
      'torch/size',
      `tensor ${quoted(name)}: sizes ${quoted(shape)} and strides ${quoted(stride)} from ${offset} reach element ${last} of a storage of ${bytes.length / element}`,
      { fix: 'the file is damaged: download or save it again' },
    )
  }
  if (isRowMajor(shape, stride)) {
    return { dtype, shape, bytes: bytes.subarray(offset * element, offset * element + n) }
  }
  allowance.spend(n, `tensor ${quoted(name)}`)
  return { dtype, shape, bytes: gather(bytes, element, tensor, n) }
}

function naturals(value: unknown): readonly number[] | undefined {
  return value instanceof Tuple && value.items.every(isNatural) ? (value.items as number[]) : undefined
}

/** The stride of an axis of size 1 says nothing. */
function isRowMajor(shape: readonly number[], stride: readonly number[]): boolean {
  let step = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && stride[i] !== step) return false
    step *= shape[i]!
  }
  return true
}

/** Copies the elements in row-major order. */
function gather(
  from: Uint8Array,
  element: number,
  { offset, shape, stride }: TorchTensor,
  length: number,
): Uint8Array {
  const out = new Uint8Array(length)
  const index = shape.map(() => 0)
  let at = offset
  for (let to = 0; to < length; to += element) {
    for (let k = 0; k < element; k++) out[to + k] = from[at * element + k]!
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += stride[axis]!
      if (++index[axis]! < shape[axis]!) break
      at -= stride[axis]! * shape[axis]!
      index[axis] = 0
    }
  }
  return out
}
