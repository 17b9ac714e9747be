import { readHost } from '../engine/host.js'
import type * as tf from '../engine/tf.js'
import { type Announced, safetensorsHeader } from '../io/safetensors.js'

/** Held tensors by name. */
export type Held = ReadonlyMap<string, tf.Tensor>

/** How much is copied out of the engine at a time: a training step between two pieces waits no longer than for this. */
const pieceBytes = 2 ** 25

/** A safetensors file of tensors, in pieces: each is copied out of the engine when it is asked for. */
export function* piecesOf(tensors: Held): Generator<Uint8Array> {
  yield safetensorsHeader([...tensors].map(([name, t]) => announced(name, t)))
  let group: tf.Tensor[] = []
  let bytes = 0
  for (const t of tensors.values()) {
    group.push(t)
    bytes += t.size * 4
    if (bytes < pieceBytes) continue
    yield copied(group, bytes)
    ;[group, bytes] = [[], 0]
  }
  if (bytes > 0) yield copied(group, bytes)
}

function announced(name: string, { shape, dtype, size }: tf.Tensor): Announced {
  return { name, dtype: dtype === 'int32' ? 'I32' : 'F32', shape, bytes: size * 4 }
}

function copied(tensors: readonly tf.Tensor[], bytes: number): Uint8Array {
  const all = new Uint8Array(bytes)
  let at = 0
  for (const t of tensors) {
    const { buffer, byteOffset, byteLength } = readHost(t)
    all.set(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength), at)
    at += byteLength
  }
  return all
}
