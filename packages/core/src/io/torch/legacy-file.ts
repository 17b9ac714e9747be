import { EspalierError } from '@espalier/data'
import { quoted } from '../quoted.js'
import { torchGlobal } from './globals.js'
import { pickleError, type Tuple } from './pickle-values.js'
import { checkLength, isNatural, type StorageId, storageId, TorchStorage } from './torch-storage.js'
import { type PickleRules, unpickle } from './unpickle.js'
import { byteOrderError } from './zip-file.js'

const magic = 0x1950a86a20f9469cfc6cn

/**
 * What a torch file from before 1.6 holds. It is a row of pickles (a magic number, a version, facts about the machine,
 * the object, the storages' keys), then each storage: its length as 8 bytes, and its elements.
 */
export function readLegacyFile(file: Uint8Array): unknown {
  let at = 0
  const next = (rules: PickleRules): unknown => {
    const { value, end } = unpickle(file, rules, at)
    at = end
    return value
  }
  if (next(plain) !== magic) throw pickleError('the magic number is missing')
  const version = next(plain)
  if (version !== 1001) throw pickleError(`its format version is ${quoted(version)}, expected 1001`)
  const machine = next(plain)
  if (machine instanceof Map && machine.get('little_endian') === false) throw byteOrderError('big')

  const ids = new Map<string, StorageId>()
  const found = new Map<string, Uint8Array>()
  const value = next({
    global: torchGlobal,
    persistent: (pid) => {
      const id = storageId(pid)
      if (!ids.has(id.key)) ids.set(id.key, id)
      const bytes = () => {
        const stored = found.get(id.key) ?? missing(id.key)
        checkLength(id, stored.length)
        return stored
      }
      return id.view ? viewOf(id, id.view, bytes) : new TorchStorage(id, bytes)
    },
  })
  for (const key of keysIn(next(plain))) {
    const id = ids.get(key) ?? missing(key)
    if (at + 8 > file.length) throw cutOff(key)
    const length = Number(new DataView(file.buffer, file.byteOffset + at, 8).getBigUint64(0, true))
    const end = at + 8 + length * id.kind.bytes
    if (!(end <= file.length)) throw cutOff(key)
    found.set(key, file.subarray(at + 8, end))
    at = end
  }
  return value
}

/** For the pickles that hold only numbers, texts and dicts. */
const plain: PickleRules = {
  global: torchGlobal,
  persistent: () => {
    throw pickleError('a storage is where none may be')
  },
}

/** A storage that is a part of another one: `(key, offset, length)`, as torch before 0.4 wrote shared tensors. */
function viewOf(
  id: StorageId,
  { items: [key, offset, length] }: Tuple,
  bytes: () => Uint8Array,
): TorchStorage {
  if (typeof key !== 'string' || !isNatural(offset) || !isNatural(length) || offset + length > id.length) {
    throw pickleError(`storage ${quoted(id.key)} has an invalid view`)
  }
  const size = id.kind.bytes
  const part = () => bytes().subarray(offset * size, (offset + length) * size)
  return new TorchStorage({ ...id, key, length }, part)
}

function keysIn(list: unknown): readonly string[] {
  if (!Array.isArray(list) || !list.every((key) => typeof key === 'string')) {
    throw pickleError("the storages' keys are not a list of texts")
  }
  return list
}

function missing(key: string): never {
  throw pickleError(`there is no storage ${quoted(key)}`)
}

function cutOff(key: string): EspalierError {
  return new EspalierError('torch/size', `this PyTorch file ends inside storage ${quoted(key)}`, {
    fix: 'download or save it again',
  })
}
