import { reasonOf } from '@espalier/data'
import type { z as Zod } from 'zod'
import { damaged, newer } from './errors.js'
import type { CheckpointManifest } from './manifest.js'
import { type RunFile, runFileVersion } from './run-file.js'

/** Reads a manifest: only what the format knows may be in it. */
export async function parseManifest(path: string, bytes: Uint8Array): Promise<CheckpointManifest> {
  const { z } = await import('zod')
  const piece = z.strictObject({ bytes: z.number().int().min(0), sha256: z.string() })
  const schema = z.strictObject({
    format: z.literal('espalier-manifest'),
    files: z.record(z.string(), z.array(piece)),
  })
  return parsed(path, bytes, schema)
}

/** Reads `state.json`. */
export async function parseRunFile(path: string, bytes: Uint8Array): Promise<RunFile> {
  const { z } = await import('zod')
  const { version } = parsed(path, bytes, z.looseObject({ version: z.number().int() }))
  if (version > runFileVersion) throw newer(path, `format ${version}, this one reads up to ${runFileVersion}`)
  const count = z.number().int().min(0)
  const skipped = z.array(z.strictObject({ index: count, id: z.string(), reason: z.string() }))
  const part = z.strictObject({
    name: z.string(),
    data: z.json().optional(),
    tensors: z.array(z.string()),
  })
  const schema = z.strictObject({
    format: z.literal('espalier-checkpoint'),
    version: z.literal(runFileVersion),
    fit: count,
    done: z.boolean(),
    position: z.strictObject({
      epoch: count,
      phase: z.enum(['train', 'validate', 'epoch']),
      iter: count,
      next: count,
      nIter: count.optional(),
      trainIter: count,
      pctTrain: z.number(),
    }),
    run: z.strictObject({ seed: z.number().int(), step: count, epoch: count, fit: count }),
    skipped: z.strictObject({ train: skipped, valid: skipped }),
    optimizer: z.strictObject({
      hypers: z.array(z.record(z.string(), z.number())),
      frozenIdx: count,
      params: z.array(z.strictObject({ name: z.string(), count, slots: z.array(z.string()) })),
    }),
    modules: z.array(part),
    training: z.array(z.string()),
    callbacks: z.array(part),
    identity: z.record(z.string(), z.json()),
    allowed: z.array(z.string()),
  })
  return parsed(path, bytes, schema) as RunFile
}

function parsed<T>(path: string, bytes: Uint8Array, schema: Zod.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  } catch (error) {
    throw damaged(path, `it is not what was written (${reasonOf(error).split('\n')[0]})`, error)
  }
}
