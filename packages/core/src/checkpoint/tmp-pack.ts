import { EspalierError } from '@espalier/data'
import { isFiniteAll } from '../engine/finite.js'
import { readHost } from '../engine/host.js'
import type * as tf from '../engine/tf.js'
import { type Announced, safetensorsHeader } from '../io/safetensors.js'
import type { Arena } from './tmp-arena.js'
import { type Captured, tensorFiles } from './capture.js'
import type { RunFile } from './run-file.js'

/** A state of a run as the bytes of its files, in pieces. */
export interface Packed {
  readonly file: RunFile
  readonly files: ReadonlyMap<string, readonly Uint8Array[]>
}

/** How much is hashed and written at a time. */
const pieceBytes = 2 ** 24

/** Copies a state out of the engine: the one moment for which training waits. The arena must not be in use. */
export function pack({ file, tensors }: Captured, arena: Arena): Packed {
  const all = tensorFiles.map((name) => [`${name}.safetensors`, [...tensors[name]]] as const)
  const present = all.filter(([, list]) => list.length > 0)
  arena.reset(bytesOf(present.flatMap(([, list]) => list.map(([, t]) => t))))
  checkFinite(tensors.model)
  const files = present.map(([name, list]) => {
    const header = safetensorsHeader(list.map(([key, t]) => announced(key, t)))
    return [
      name,
      [
        header,
        ...copied(
          list.map(([, t]) => t),
          arena,
        ),
      ],
    ] as const
  })
  return { file, files: new Map(files) }
}

/** A state with weights that are no numbers would put itself before the last good one. */
function checkFinite(weights: Captured['tensors']['model']): void {
  for (const [name, t] of weights) {
    if (t.dtype !== 'float32' || isFiniteAll(readHost(t))) continue
    throw new EspalierError('checkpoint/not-finite', `the weight ${name} holds numbers that are not finite`, {
      fix: 'the state before is kept: go on from there with a lower learning rate, or with gradientClip()',
    })
  }
}

/** What the numbers of tensors take. */
export function bytesOf(tensors: readonly tf.Tensor[]): number {
  return tensors.reduce((sum, t) => sum + t.size * 4, 0)
}

function announced(name: string, { shape, dtype, size }: tf.Tensor): Announced {
  return { name, dtype: dtype === 'int32' ? 'I32' : 'F32', shape, bytes: size * 4 }
}

function copied(tensors: readonly tf.Tensor[], arena: Arena): Uint8Array[] {
  const all = arena.take(bytesOf(tensors))
  let at = 0
  for (const t of tensors) {
    const { buffer, byteOffset, byteLength } = readHost(t)
    all.set(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength), at)
    at += byteLength
  }
  const n = Math.ceil(all.length / pieceBytes)
  return Array.from({ length: n }, (_, i) => all.subarray(i * pieceBytes, (i + 1) * pieceBytes))
}
