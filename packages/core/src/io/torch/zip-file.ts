import { EspalierError } from '@espalier/data'
import { quoted } from '../quoted.js'
import type { Allowance } from './allowance.js'
import { torchGlobal } from './globals.js'
import { pickleError } from './pickle-values.js'
import { checkLength, type StorageId, storageId, TorchStorage } from './torch-storage.js'
import { unpickle } from './unpickle.js'
import { contents, readZip, type ZipEntry } from './zip.js'

/**
 * What a torch file of version 1.6 or later holds: a zip with `<root>/data.pkl` and one entry `<root>/data/<key>`
 * per storage.
 */
export function readZipFile(file: Uint8Array, allowance: Allowance): unknown {
  const entries = readZip(file)
  const root = rootOf(entries)
  refuseBigEndian(entries.get(`${root}/byteorder`), allowance)
  const inflated = new Map<string, Uint8Array>()
  const bytesOf = (id: StorageId): Uint8Array => {
    const entry = entries.get(`${root}/data/${id.key}`)
    if (!entry) throw pickleError(`the archive has no storage ${quoted(id.key)}`)
    checkLength(id, entry.size)
    const bytes = inflated.get(id.key) ?? contents(entry, allowance)
    inflated.set(id.key, bytes)
    return bytes
  }
  const pickle = contents(entries.get(`${root}/data.pkl`)!, allowance)
  return unpickle(pickle, {
    global: torchGlobal,
    persistent: (pid) => {
      const id = storageId(pid)
      return new TorchStorage(id, () => bytesOf(id))
    },
  }).value
}

/** The folder that all entries of a torch file are in. */
function rootOf(entries: ReadonlyMap<string, ZipEntry>): string {
  const pickles = [...entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name))
  const [pickle] = pickles
  if (pickles.length !== 1 || !pickle) {
    throw new EspalierError(
      'torch/zip',
      'this zip archive is not a PyTorch file: it has no single data.pkl',
      {
        fix: 'weights are read from safetensors files and from what torch.save writes',
      },
    )
  }
  const root = pickle.slice(0, -'/data.pkl'.length)
  if (entries.has(`${root}/constants.pkl`)) {
    throw new EspalierError('torch/script', 'this is a TorchScript program, not weights', {
      fix: 'in Python: torch.save(torch.jit.load(path).state_dict(), "weights.pth")',
    })
  }
  return root
}

function refuseBigEndian(entry: ZipEntry | undefined, allowance: Allowance): void {
  if (!entry) return
  const order = new TextDecoder().decode(contents(entry, allowance))
  if (order !== 'little') throw byteOrderError(order)
}

/** Written on a machine that stores the high byte first, which none that runs this library does. */
export function byteOrderError(order: string): EspalierError {
  return new EspalierError('torch/byte-order', `this PyTorch file is ${order}-endian`, {
    fix: 'load it in Python and save it again on a usual machine',
  })
}
