import { readdirSync, readFileSync } from 'node:fs'

/** An event file read by its own lights: the framing, the checksums bit by bit, and protocol buffers in general. */

/** A field of a message: its number and what it holds. */
export type Raw = readonly [field: number, value: number | Uint8Array]

export interface ReadEvent {
  readonly step: number
  readonly version?: string
  readonly restart?: boolean
  readonly tag?: string
  /** A number, the size of a picture, or a text. */
  readonly value?: number | string
}

/** The events of a folder, its files in the order of their names. */
export function readEvents(dir: string): ReadEvent[][] {
  return readdirSync(dir)
    .sort()
    .map((name) => eventsIn(readFileSync(`${dir}/${name}`)))
}

function eventsIn(file: Uint8Array): ReadEvent[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const events: ReadEvent[] = []
  let at = 0
  while (at < file.length) {
    const length = Number(view.getBigUint64(at, true))
    check(file.subarray(at, at + 8), view.getUint32(at + 8, true))
    const body = file.subarray(at + 12, at + 12 + length)
    check(body, view.getUint32(at + 12 + length, true))
    events.push(eventOf(fieldsOf(body)))
    at += 16 + length
  }
  return events
}

function check(bytes: Uint8Array, stored: number): void {
  let crc = 0xffffffffn
  for (const byte of bytes) {
    crc ^= BigInt(byte)
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x82f63b78n : crc >> 1n
  }
  crc ^= 0xffffffffn
  const turned = (crc >> 15n) | ((crc << 17n) & 0xffffffffn)
  const masked = (turned + 0xa282ead8n) % 0x100000000n
  if (masked !== BigInt(stored)) throw new Error(`checksum ${stored}, expected ${masked}`)
}

function fieldsOf(bytes: Uint8Array): Raw[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const fields: Raw[] = []
  let at = 0
  const skip = (n: number) => {
    at += n
    return at - n
  }
  const varint = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return Number(value)
    }
  }
  while (at < bytes.length) {
    const key = varint()
    const type = key & 7
    if (type === 0) fields.push([key >> 3, varint()])
    else if (type === 1) fields.push([key >> 3, view.getFloat64(skip(8), true)])
    else if (type === 5) fields.push([key >> 3, view.getFloat32(skip(4), true)])
    else if (type === 2) {
      const length = varint()
      fields.push([key >> 3, bytes.subarray(skip(length), at)])
    } else throw new Error(`wire type ${type}`)
  }
  return fields
}

function eventOf(fields: readonly Raw[]): ReadEvent {
  const get = (list: readonly Raw[], n: number) => list.find(([field]) => field === n)?.[1]
  const inside = (list: readonly Raw[], n: number) => fieldsOf(get(list, n) as Uint8Array)
  const text = (value: unknown) => new TextDecoder().decode(value as Uint8Array)
  const step = Number(get(fields, 2) ?? 0)
  if (typeof get(fields, 1) !== 'number') throw new Error('an event without a time')
  if (get(fields, 3)) return { step, version: text(get(fields, 3)) }
  if (get(fields, 7)) return { step, restart: get(inside(fields, 7), 1) === 1 }
  const value = inside(inside(fields, 5), 1)
  const tag = text(get(value, 1))
  if (get(value, 2) !== undefined) return { step, tag, value: get(value, 2) as number }
  if (get(value, 4)) {
    const image = inside(value, 4)
    return { step, tag, value: `${get(image, 2)} × ${get(image, 1)}` }
  }
  return { step, tag, value: text(get(inside(value, 8), 8)) }
}
