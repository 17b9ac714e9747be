import { printable } from '../report/console-text.js'
import type { RunCard } from './run-card.js'

/** What became of reading one card. */
type Read =
  | { readonly success: true; readonly card: RunCard }
  | { readonly success: false; readonly problem: string }

/** The closed form of a run card: what it does not name is refused. */
export async function cardSchema(): Promise<{ safeParse(card: unknown): Read }> {
  const { z } = await import('zod')
  const count = z.number().int().nonnegative()
  const text = z.string().max(2000)
  const sha = z.string().regex(/^[0-9a-f]{64}$/)
  const number = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])])
  const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  const curve = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/)
  const part = z.strictObject({ name: text, options: z.json().optional() })
  const parts = z.array(part).max(1000)
  const fit = z.strictObject({
    phase: text,
    epochs: count,
    frozen: count,
    hypers: z.array(z.record(text, number)).max(10_000),
    callbacks: parts,
    end: text,
    steps: count,
    columns: z.array(text).max(1000),
    rows: z.array(z.array(number.nullable())),
    losses: curve,
    lrs: curve,
    moms: curve,
    seconds: z.array(number),
    began: time,
    ended: time.nullable(),
    restored: z.boolean(),
  })
  const schema = z.strictObject({
    format: z.literal('espalier-run-card'),
    version: z.literal(1),
    digest: sha,
    learner: count,
    seed: z.number().int(),
    model: z.strictObject({
      kind: text,
      parameters: count,
      weights: count,
      layers: sha,
      portable: part.nullable(),
    }),
    bs: count,
    validBs: count,
    data: z.record(text, z.json()),
    order: z.json(),
    dataSeed: z.number().int(),
    skipped: z.array(count).max(2),
    transforms: z.strictObject({
      pipelines: z.array(parts).max(1000),
      item: parts,
      beforeBatch: parts,
      batch: parts,
    }),
    loss: part,
    metrics: z.array(text).max(1000),
    optimizer: z.strictObject({
      steps: z.array(text).max(1000),
      groups: z.array(count).max(10_000),
      noDecay: count,
      forceTrain: count,
    }),
    fits: z.array(fit).max(10_000),
    weights: sha,
    engine: z.strictObject({
      name: z.enum(['native', 'wasm', 'cpu', 'webgl']),
      version: text,
      threads: count.nullable(),
    }),
    versions: z.record(text, text),
    environment: z.record(text, z.json()),
    program: z
      .strictObject({
        path: text.min(1),
        sha256: sha,
        args: z.array(z.string().max(100_000).nullable()).max(1000),
      })
      .nullable(),
    time: z.strictObject({ began: time.nullable(), ended: time }),
  })
  return {
    safeParse(card) {
      const { success, data, error } = schema.safeParse(card)
      if (success) return { success, card: data as RunCard }
      const { path = [], message = '' } = error.issues[0] ?? {}
      const where = path.length > 0 ? `${path.join('.')}: ` : ''
      return { success, problem: printable(where + message).slice(0, 200) }
    },
  }
}
