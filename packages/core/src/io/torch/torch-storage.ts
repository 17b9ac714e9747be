import { EspalierError } from '@espalier/data'
import { quoted } from '../quoted.js'
import { PickleGlobal, pickleError, Tuple } from './pickle-values.js'
import { type StorageKind, storageKinds } from './storage-kinds.js'

/** The persistent id of a storage: `('storage', class, key, device, length)`, the older format with a view. */
export interface StorageId {
  readonly key: string
  /** The torch class, `torch.FloatStorage`. */
  readonly className: string
  readonly kind: StorageKind
  /** In elements. */
  readonly length: number
  readonly view: Tuple | undefined
}

/** A run of numbers that tensors are views of. Its bytes are fetched when a tensor that is wanted needs them. */
export class TorchStorage {
  constructor(
    readonly id: StorageId,
    readonly bytes: () => Uint8Array,
  ) {}
}

/** Checks a persistent id. The device is not looked at: numbers are numbers. */
export function storageId(id: unknown): StorageId {
  if (!(id instanceof Tuple)) throw pickleError('a persistent id is not a tuple')
  const [tag, type, key, , length, view] = id.items
  if (tag !== 'storage') throw pickleError(`a persistent id is a ${quoted(tag)}, expected a storage`)
  const kind = type instanceof PickleGlobal ? storageKinds.get(type.name) : undefined
  if (!(type instanceof PickleGlobal) || !kind) throw pickleError('a storage has no storage class')
  if (typeof key !== 'string') throw pickleError('a storage has no key')
  if (!isNatural(length)) throw pickleError(`storage ${quoted(key)} has the length ${quoted(length)}`)
  return { className: type.name, kind, key, length, view: view instanceof Tuple ? view : undefined }
}

/** Throws `torch/size` when a storage is not as many bytes as the pickle says. */
export function checkLength({ key, kind, length }: StorageId, bytes: number): void {
  if (bytes !== length * kind.bytes) {
    throw new EspalierError(
      'torch/size',
      `storage ${quoted(key)} holds ${bytes} bytes, expected ${length} elements of ${kind.bytes}`,
      { fix: 'the file is damaged: download or save it again' },
    )
  }
}

/** A whole number from 0 on that a double holds exactly: what counts, sizes and offsets must be. */
export function isNatural(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
