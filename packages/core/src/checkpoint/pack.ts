import { EspalierError } from '@espalier/data'
import { isFiniteAll } from '../engine/finite.js'
import { readHost } from '../engine/host.js'
import type * as tf from '../engine/tf.js'
import { type Announced, safetensorsHeader } from '../io/safetensors.js'
import type { Arena } from './arena.js'
import { type Captured, tensorFiles } from './capture.js'
import type { RunFile } from './run-file.js'

/** A state of a run as the bytes of its files, in pieces. */
export interface Packed {
  readonly file: RunFile
  readonly files: ReadonlyMap<string, readonly Uint8Array[]>
}

/** How numbers lie in a file. */
const layouts = {
  float32: { stored: 'F32', array: Float32Array },
  int32: { stored: 'I32', array: Int32Array },
  bool: { stored: 'BOOL', array: Uint8Array },
} as const

/** Copies a state out of the engine: the one moment for which training waits. The arena must not be in use. */
export function pack(state: Captured, arena: Arena): Packed {
  const all = tensorFiles.map((name) => [`${name}.safetensors`, [...state.tensors[name]]] as const)
  const present = all.filter(([, list]) => list.length > 0)
  arena.reset(bytesOf(present.flatMap(([, list]) => list.map(([, t]) => t))))
  checkFinite(state)
  const files = present.map(([name, list]) => {
    const header = safetensorsHeader(list.map(([key, t]) => announced(key, t)))
    const tensors = list.map(([, t]) => t)
    return [name, [header, ...copied(tensors, arena)]] as const
  })
  return { file: state.file, files: new Map(files) }
}

/** A state with weights that are no numbers would put itself before the last good one. A mask may be infinite. */
function checkFinite({ tensors, buffers }: Captured): void {
  for (const [name, t] of tensors.model) {
    if (t.dtype !== 'float32') continue
    const numbers = readHost(t)
    if (isFiniteAll(numbers) || (buffers.has(name) && !numbers.some(Number.isNaN))) continue
    throw new EspalierError('checkpoint/not-finite', `the weight ${name} holds numbers that are not finite`, {
      fix: 'the state before is kept: go on from there with a lower learning rate, or with gradientClip()',
    })
  }
}

/** What the numbers of tensors take. */
export function bytesOf(tensors: readonly tf.Tensor[]): number {
  return tensors.reduce((sum, t) => sum + t.size * layoutOf(t).array.BYTES_PER_ELEMENT, 0)
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

function copied(tensors: readonly tf.Tensor[], arena: Arena): Uint8Array[] {
  const pieces = arena.take(bytesOf(tensors))
  let [i, at] = [0, 0]
  for (const t of tensors) {
    for (let rest = numbersOf(t); rest.length > 0; ) {
      const room = pieces[i]!.subarray(at, at + rest.length)
      room.set(rest.subarray(0, room.length))
      rest = rest.subarray(room.length)
      at += room.length
      if (at === pieces[i]!.length) [i, at] = [i + 1, 0]
    }
  }
  return pieces
}

/** The bytes of a tensor. An engine may hold them as another type of number than it says: a cast need not touch them. */
function numbersOf(t: tf.Tensor): Uint8Array {
  const { array } = layoutOf(t)
  const host = readHost(t)
  const { buffer, byteOffset, byteLength } = host instanceof array ? host : array.from(host)
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)
}
