import { EspalierError } from '@espalier/data'

/**
 * What one run of one side measured. Both sides print it as a line of JSON, with the names that the peers' programs
 * use: the numbers of one side can be laid beside those of the other.
 */
export interface Measurement {
  readonly median_step_s: number
  readonly min_step_s: number
  readonly items_per_s: number
  /** What the items are: images, operations. */
  readonly items: string
  readonly peak_rss_mb: number
  readonly p90_step_s?: number
  /** What the kernels of a step take, where the median is of what comes on top of them. */
  readonly kernels_s?: number
  /** Of a loader: without threads, and what a training step of resnet18 at 128 px takes. */
  readonly alone_items_per_s?: number
  readonly training_items_per_s?: number
  /** For how long the main thread was away from its event loop at most. */
  readonly away_s?: number
  /** From the beginning of the fit to the end of its first step. */
  readonly first_step_s?: number
  /** An epoch with its validation. */
  readonly epoch_s?: number
  /** Processor time of the whole process. */
  readonly cpu_total_s?: number
  /** Cores that other programs kept busy meanwhile: the noise. */
  readonly others_cores?: number
  /** How many numbers the model has, and how many of them train. */
  readonly n_params?: number
  readonly n_trainable?: number
  /** What a single row takes to predict. */
  readonly predict_row_s?: number
  /** What was learned, by what was held out. */
  readonly loss?: number
  readonly accuracy?: number
  /** Of what was made, where both sides must make the same. */
  readonly sha256?: string
  /** What computed, on our side. */
  readonly engine?: string
}

type Fields = Readonly<Record<string, unknown>>

const needed = ['median_step_s', 'min_step_s', 'items_per_s', 'peak_rss_mb'] as const

/** Reads the measurement that a program printed: its last line. The peers keep some fields one level down. */
export function parseMeasurement(output: string, program: string): Measurement {
  const found = flattened(parseLastLine(output, program))
  // Some of the peers give no least step: of a few long ones.
  const fields: Fields = { min_step_s: found['median_step_s'], ...found }
  for (const name of needed) {
    const value = fields[name]
    if (typeof value === 'number' && Number.isFinite(value) && value > 0) continue
    throw new EspalierError('bench/output', `${program} printed ${name}: ${value}, expected a number above 0`)
  }
  return fields as unknown as Measurement
}

/** The JSON object in the last line of an output. */
export function parseLastLine(output: string, program: string): Fields {
  const line = output.trim().split('\n').at(-1) ?? ''
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  } catch {
    // Told below.
  }
  throw new EspalierError(
    'bench/output',
    `${program} ended with the line '${line.slice(0, 200)}', expected a JSON object`,
  )
}

/** `variants` and `best` repeat what the object itself says. */
function flattened({ metrics, variants: _, best: __, ...fields }: Fields): Fields {
  const more = typeof metrics === 'object' && metrics !== null ? (metrics as Fields) : {}
  return Object.fromEntries(Object.entries({ ...more, ...fields }).filter(([, value]) => value !== null))
}
