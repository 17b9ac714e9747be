import type { SafeDType } from '../safetensors-header.js'

/** What a storage's class says of its elements. `dtype` is undefined for those that cannot be read as numbers. */
export interface StorageKind {
  readonly bytes: number
  readonly dtype?: SafeDType
}

/** Torch's storage classes. The sizes of the unreadable ones are needed to step over them in the older format. */
export const storageKinds: ReadonlyMap<string, StorageKind> = new Map<string, StorageKind>([
  ['torch.FloatStorage', { bytes: 4, dtype: 'F32' }],
  ['torch.DoubleStorage', { bytes: 8, dtype: 'F64' }],
  ['torch.HalfStorage', { bytes: 2, dtype: 'F16' }],
  ['torch.BFloat16Storage', { bytes: 2, dtype: 'BF16' }],
  ['torch.LongStorage', { bytes: 8, dtype: 'I64' }],
  ['torch.IntStorage', { bytes: 4, dtype: 'I32' }],
  ['torch.ShortStorage', { bytes: 2, dtype: 'I16' }],
  ['torch.CharStorage', { bytes: 1, dtype: 'I8' }],
  ['torch.ByteStorage', { bytes: 1, dtype: 'U8' }],
  ['torch.BoolStorage', { bytes: 1, dtype: 'BOOL' }],
  ['torch.storage.UntypedStorage', { bytes: 1 }],
  ['torch.ComplexFloatStorage', { bytes: 8 }],
  ['torch.ComplexDoubleStorage', { bytes: 16 }],
  ['torch.QInt8Storage', { bytes: 1 }],
  ['torch.QUInt8Storage', { bytes: 1 }],
  ['torch.QInt32Storage', { bytes: 4 }],
])

/** Torch's dtypes, for tensors whose storage is untyped; undefined for those that cannot be read as numbers. */
export const dtypes: ReadonlyMap<string, SafeDType | undefined> = new Map<string, SafeDType | undefined>([
  ['torch.float32', 'F32'],
  ['torch.float64', 'F64'],
  ['torch.float16', 'F16'],
  ['torch.bfloat16', 'BF16'],
  ['torch.int64', 'I64'],
  ['torch.int32', 'I32'],
  ['torch.int16', 'I16'],
  ['torch.int8', 'I8'],
  ['torch.uint8', 'U8'],
  ['torch.uint16', 'U16'],
  ['torch.uint32', 'U32'],
  ['torch.uint64', 'U64'],
  ['torch.bool', 'BOOL'],
  ['torch.complex64', undefined],
  ['torch.complex128', undefined],
  ['torch.float8_e4m3fn', undefined],
  ['torch.float8_e5m2', undefined],
])
