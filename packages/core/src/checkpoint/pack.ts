import { EspalierError } from '@espalier/data'
import { readHost } from '../engine/host.js'
import type * as tf from '../engine/tf.js'
import { type Announced, safetensorsHeader } from '../io/safetensors.js'
import type { Arena } from './arena.js'
import { type Captured, tensorFiles } from './capture.js'
import type { CopiedWeight } from './finite-weights.js'
import type { RunFile } from './run-file.js'

/** A state of a run as the bytes of its files, in pieces. */
export interface Packed {
  readonly file: RunFile
  readonly files: ReadonlyMap<string, readonly Uint8Array[]>
  /** Those of its weights that might be no numbers. */
  readonly weights: readonly CopiedWeight[]
}

/** How numbers lie in a file. */
const layouts = {
  float32: { stored: 'F32', array: Float32Array },
  int32: { stored: 'I32', array: Int32Array },
  bool: { stored: 'BOOL', array: Uint8Array },
} as const

type Named = readonly [name: string, tensor: tf.Tensor]

/** Copies a state out of the engine: the one moment for which training waits. The arena must not be in use. */
export function pack({ file, tensors, buffers }: Captured, arena: Arena): Packed {
  const all = tensorFiles.map((name) => [name, ordered(tensors[name])] as const)
  const present = all.filter(([, list]) => list.length > 0)
  arena.reset(bytesOf(present.flatMap(([, list]) => list.map(([, t]) => t))))
  const weights: CopiedWeight[] = []
  const files = present.map(([name, list]) => {
    const header = safetensorsHeader(list.map(([key, t]) => announced(key, t)))
    const { pieces, parts } = copied(list, arena)
    const floats = name === 'model' ? list.filter(([, t]) => t.dtype === 'float32') : []
    for (const [key] of floats)
      weights.push({ name: key, isBuffer: buffers.has(key), parts: parts.get(key)! })
    return [`${name}.safetensors`, [header, ...pieces]] as const
  })
  return { file, files: new Map(files), weights }
}

/** Wide numbers first: then each lies where a number of its kind may. */
function ordered(tensors: ReadonlyMap<string, tf.Tensor>): Named[] {
  return [...tensors].sort(([, a], [, b]) => widthOf(b) - widthOf(a))
}

/** What the numbers of tensors take. */
export function bytesOf(tensors: readonly tf.Tensor[]): number {
  return tensors.reduce((sum, t) => sum + t.size * widthOf(t), 0)
}

function widthOf(t: tf.Tensor): number {
  return layoutOf(t).array.BYTES_PER_ELEMENT
}

function layoutOf({ dtype, shape }: tf.Tensor): (typeof layouts)[keyof typeof layouts] {
  if (Object.hasOwn(layouts, dtype)) return layouts[dtype as keyof typeof layouts]
  throw new EspalierError('checkpoint/dtype', `a ${dtype} tensor [${shape}] cannot be kept`, {
    fix: 'hold it as float32, int32 or bool',
  })
}

function announced(name: string, t: tf.Tensor): Announced {
  return { name, dtype: layoutOf(t).stored, shape: t.shape, bytes: bytesOf([t]) }
}

/** Tensors one after the other in pieces of memory, and which parts of it each has. */
function copied(tensors: readonly Named[], arena: Arena) {
  const pieces = arena.take(bytesOf(tensors.map(([, t]) => t)))
  const parts = new Map<string, Uint8Array[]>()
  let [i, at] = [0, 0]
  for (const [name, t] of tensors) {
    const own: Uint8Array[] = []
    for (let rest = numbersOf(t); rest.length > 0; rest = rest.subarray(own.at(-1)!.length)) {
      const room = pieces[i]!.subarray(at, at + rest.length)
      room.set(rest.subarray(0, room.length))
      own.push(room)
      at += room.length
      if (at === pieces[i]!.length) [i, at] = [i + 1, 0]
    }
    parts.set(name, own)
  }
  return { pieces, parts }
}

/** The bytes of a tensor. An engine may hold them as another type of number than it says: a cast need not touch them. */
function numbersOf(t: tf.Tensor): Uint8Array {
  const { array } = layoutOf(t)
  const host = readHost(t)
  const { buffer, byteOffset, byteLength } = host instanceof array ? host : array.from(host)
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)
}
