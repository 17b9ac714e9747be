import { EspalierError, type Json } from '@espalier/data'

/** A part of a bundle: which factory makes it, with which options. */
export interface PartSpec {
  readonly name: string
  readonly options: Readonly<Record<string, Json>>
}

/** What `model.json` says: everything but the weights. */
export interface Manifest {
  readonly format: 'espalier-model'
  readonly version: 1
  readonly model: PartSpec
  /** The transforms of each input, from what a user gives to what item transforms take. */
  readonly inputs: readonly (readonly PartSpec[])[]
  readonly target: PartSpec
  /** Where it is not the one that the target asks for. */
  readonly loss?: PartSpec
  readonly itemTfms: readonly PartSpec[]
  /** What is done to the samples of a batch before they are stacked, where there is such. */
  readonly beforeBatch?: readonly PartSpec[]
  readonly batchTfms: readonly PartSpec[]
  readonly weights: { readonly file: 'weights.safetensors'; readonly bytes: number; readonly sha256: string }
}

/** The version of the format that is written, and the newest that is read. */
export const bundleVersion = 1

const maxBytes = 16 * 2 ** 20

/** Reads `model.json`. Only what the format knows may be in it; nothing in it is ever run or used as a path. */
export async function parseManifest(bytes: Uint8Array): Promise<Manifest> {
  const { z } = await import('zod')
  if (bytes.length > maxBytes)
    throw refused(`model.json has ${bytes.length} bytes, at most ${maxBytes} are read`)
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw refused('model.json is not JSON')
  }
  const head = z
    .looseObject({ format: z.literal('espalier-model'), version: z.number().int() })
    .safeParse(json)
  if (!head.success) throw refused('model.json does not say that it is a model of Espalier')
  if (head.data.version > bundleVersion) {
    throw new EspalierError(
      'bundle/too-new',
      `the model has format ${head.data.version}, this version of Espalier reads up to ${bundleVersion}`,
      {
        fix: 'update @espalier/core',
      },
    )
  }
  const part = z.strictObject({ name: z.string().max(200), options: z.record(z.string(), z.json()) })
  const schema = z.strictObject({
    format: z.literal('espalier-model'),
    version: z.literal(1),
    model: part,
    inputs: z.array(z.array(part).max(100)).max(100),
    target: part,
    loss: part.optional(),
    itemTfms: z.array(part).max(100),
    beforeBatch: z.array(part).max(100).optional(),
    batchTfms: z.array(part).max(100),
    weights: z.strictObject({
      file: z.literal('weights.safetensors'),
      bytes: z.number().int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  })
  const parsed = schema.safeParse(json)
  if (!parsed.success) throw refused(`model.json: ${z.prettifyError(parsed.error).split('\n')[0]}`)
  return parsed.data as Manifest
}

function refused(problem: string): EspalierError {
  return new EspalierError('bundle/invalid', `not a valid model: ${problem}`, {
    fix: 'export the model again with learn.export',
  })
}
