import { EspalierError } from '@espalier/data'
import { concat } from '../bytes.js'
import { bytes, double, type Field, float, int, message } from './protobuf.js'

/** When something was, and after how many steps. */
export interface Moment {
  /** Seconds since 1970. */
  readonly time: number
  readonly step?: number
}

// Field numbers are those of tensorflow/core/util/event.proto and framework/summary.proto.

/** The event that a file begins with. */
export function versionEvent(time: number): Uint8Array {
  return event({ time }, bytes(3, 'brain.Event:2'))
}

/** Says that a run goes on: what TensorBoard has of `step` and later ones is not shown any more. */
export function restartEvent(moment: Moment): Uint8Array {
  const start = 1
  return event(moment, message(7, [int(1, start)]))
}

/** A number under a tag. */
export function scalarEvent(moment: Moment, tag: string, value: number): Uint8Array {
  return summaryEvent(moment, tag, float(2, value))
}

/** A picture under a tag, as the bytes of a PNG. */
export function imageEvent(moment: Moment, tag: string, png: Uint8Array): Uint8Array {
  const { width, height } = pngSize(png)
  const rgb = 3
  return summaryEvent(moment, tag, message(4, [int(1, height), int(2, width), int(3, rgb), bytes(4, png)]))
}

/** Markdown under a tag. */
export function textEvent(moment: Moment, tag: string, text: string): Uint8Array {
  const string = 7
  const shape = message(2, [message(2, [int(1, 1)])]) // [1]
  return summaryEvent(moment, tag, message(8, [int(1, string), shape, bytes(8, text)]), plugin('text'))
}

/** What a run was begun with, for the table of hyper-parameters. */
export function hparamsEvent(
  moment: Moment,
  hparams: Readonly<Record<string, string | number | boolean>>,
): Uint8Array {
  const entries = Object.entries(hparams).map(([name, value]) =>
    message(1, [bytes(1, name), message(2, [structValue(value)])]),
  )
  const started = message(3, [...entries, double(5, moment.time)])
  const floats = 1
  // The table wants a tensor, and does not look at it: [1] of floats, 0.
  const none = message(8, [
    int(1, floats),
    message(2, [message(2, [int(1, 1)])]),
    bytes(5, new Uint8Array(4)),
  ])
  return summaryEvent(moment, '_hparams_/session_start_info', none, plugin('hparams', started))
}

/** A `google.protobuf.Value`. */
function structValue(value: string | number | boolean): Field {
  if (typeof value === 'number') return double(2, value)
  return typeof value === 'string' ? bytes(3, value) : int(4, value)
}

/** Which part of TensorBoard a value is for. */
function plugin(name: string, content?: Field): Field {
  return message(9, [message(1, [bytes(1, name), ...(content ? [bytes(2, content)] : [])])])
}

function summaryEvent(moment: Moment, tag: string, ...value: readonly Field[]): Uint8Array {
  return event(moment, message(5, [message(1, [bytes(1, tag), ...value])]))
}

function event({ time, step }: Moment, what: Field): Uint8Array {
  return concat([double(1, time), ...(step ? [int(2, step)] : []), what])
}

function pngSize(png: Uint8Array): { width: number; height: number } {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength)
  const isPng = png.length > 24 && view.getUint32(0) === 0x89504e47
  if (isPng) return { width: view.getUint32(16), height: view.getUint32(20) }
  throw new EspalierError('log/picture', 'a picture for TensorBoard is no PNG', {
    fix: 'give a Figure, or pixels as an NdArray of uint8 [h, w, 3]',
  })
}
