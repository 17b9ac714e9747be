import { EspalierError } from '@espalier/data'
import { Column, type Columns, type Numbers } from './column.js'
import type { Frame } from './frame.js'
import { missingColumn } from './missing-column.js'
import { Texts } from './texts.js'

/** Frames with the same columns, one below the other; columns of texts get one vocabulary. */
export function concatFrames(frames: readonly Frame[]): Columns {
  const [first] = frames
  if (!first) throw new EspalierError('frame/concat', 'there are no frames to put together')
  for (const [k, frame] of frames.entries()) {
    const extra = frame.names.find((name) => !first.has(name))
    if (extra !== undefined) throw missingColumn(extra, first.names, 'the first frame')
    const absent = first.names.find((name) => !frame.has(name))
    if (absent !== undefined) throw missingColumn(absent, frame.names, `frame ${k}`)
  }
  const whole = (name: string) =>
    concatColumns(
      frames.map((f) => f.column(name)),
      name,
    )
  return new Map(first.names.map((name) => [name, whole(name)]))
}

/** Columns of one kind, one below the other. */
function concatColumns(columns: readonly Column[], name: string): Column {
  const there = columns.filter((c) => c.missing < c.length)
  const kind = (there[0] ?? columns[0]!).kind
  const odd = there.findIndex((c) => c.kind !== kind)
  if (odd >= 0) {
    throw new EspalierError(
      'frame/concat',
      `column '${name}' holds a ${kind} in the first frame and a ${there[odd]!.kind} in another`,
      { fix: `make them one kind first: frame.map('${name}', String)` },
    )
  }
  const length = columns.reduce((n, c) => n + c.length, 0)
  const texts = new Texts()
  const parts = columns.map((c) => partOf(c, kind, texts))
  const arrays = new Set(parts.map((p) => p.data.constructor))
  const data: Numbers =
    arrays.size === 1
      ? new (parts[0]!.data.constructor as new (n: number) => Numbers)(length)
      : new Float64Array(length)
  const masked = !(data instanceof Float64Array || data instanceof Float32Array) && parts.some((p) => p.mask)
  const mask = masked ? new Uint8Array(length) : undefined
  let at = 0
  for (const part of parts) {
    if (data instanceof Float64Array && part.mask) data.set(part.numbers(), at)
    else data.set(part.data, at)
    if (mask && part.mask) mask.set(part.mask, at)
    at += part.length
  }
  return new Column(kind, data, texts.vocab, mask)
}

function partOf(column: Column, kind: Column['kind'], texts: Texts): Column {
  if (kind !== 'text') return column
  if (column.kind !== 'text') return new Column('text', new Int32Array(column.length).fill(-1))
  const to = column.vocab.map((text) => texts.codeOf(text))
  return new Column(
    'text',
    Int32Array.from(column.data as Int32Array, (code) => (code < 0 ? -1 : to[code]!)),
  )
}
