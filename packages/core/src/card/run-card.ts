import type { Json } from '@espalier/data'
import type { ProgramInfo } from '../platform.js'

/** The version of the format that is written, and the newest that is read. */
export const cardVersion = 1

/** A number as JSON can hold it: `NaN` and the infinities by name. */
export type CardNumber = number | 'NaN' | 'Infinity' | '-Infinity'

/** Something that has a name, and options that it says of itself. */
export interface CardPart {
  readonly name: string
  /** Long ones by their SHA-256. */
  readonly options?: Json
}

/** A fit: what it was to do, and its curves. */
export interface CardFit {
  readonly phase: string
  readonly epochs: number
  /** Groups that did not train, but for their norm layers. */
  readonly frozen: number
  /** Hyper-parameters of each group when it began. */
  readonly hypers: readonly Readonly<Record<string, CardNumber>>[]
  readonly callbacks: readonly CardPart[]
  /** `over`, `running`, `interrupted`, or `failed: ` and the code of an error. */
  readonly end: string
  readonly steps: number
  /** The titles of the numbers in a row. */
  readonly columns: readonly string[]
  /** A row per epoch; null where nothing was measured. */
  readonly rows: readonly (readonly (CardNumber | null)[])[]
  /** Loss, learning rate and momentum of each step, packed: see `unpackCurve`. */
  readonly losses: string
  readonly lrs: string
  readonly moms: string
  /** What each epoch took. */
  readonly seconds: readonly CardNumber[]
  readonly began: string
  readonly ended: string | null
  /** Whether it was taken from a checkpoint, wholly or in part, instead of being run. */
  readonly restored: boolean
}

/**
 * All that a run was, as data: what it was made of, its curves, the weights that came out, and where it took place.
 * `digest` is over what the same program must give again on the same machine.
 */
export interface RunCard {
  readonly format: 'espalier-run-card'
  readonly version: typeof cardVersion
  readonly digest: string
  /** Which of the learners of its program it is, in the order of their first fits. */
  readonly learner: number
  readonly seed: number
  readonly model: {
    readonly kind: string
    readonly parameters: number
    readonly weights: number
    /** Of the layers with their options, and of the names and shapes of the weights. */
    readonly layers: string
    /** How an export names it. */
    readonly portable: CardPart | null
  }
  readonly bs: number
  readonly validBs: number
  /** What the data are, as `describeData` tells it: how many items of each part, their classes, and hashes of them. */
  readonly data: Readonly<Record<string, Json>>
  readonly order: Json
  readonly dataSeed: number
  /** Items that could not be read, in training and validation. */
  readonly skipped: readonly number[]
  readonly transforms: {
    /** For each element of a sample. */
    readonly pipelines: readonly (readonly CardPart[])[]
    readonly item: readonly CardPart[]
    readonly beforeBatch: readonly CardPart[]
    readonly batch: readonly CardPart[]
  }
  readonly loss: CardPart
  readonly metrics: readonly string[]
  readonly optimizer: {
    readonly steps: readonly string[]
    /** Parameters in each group. */
    readonly groups: readonly number[]
    /** Parameters without weight decay, and those that train in frozen groups. */
    readonly noDecay: number
    readonly forceTrain: number
  }
  readonly fits: readonly CardFit[]
  /** What `weightsDigest` gives. */
  readonly weights: string
  readonly engine: { readonly name: string; readonly version: string; readonly threads: number | null }
  /** Of the packages that numbers depend on. */
  readonly versions: Readonly<Record<string, string>>
  readonly environment: Readonly<Record<string, Json>>
  readonly program: ProgramInfo | null
  readonly time: { readonly began: string | null; readonly ended: string }
}

/** What another run of the same program need not give again. */
export const volatile: ReadonlySet<string> = new Set([
  'digest',
  'time',
  'seconds',
  'began',
  'ended',
  'restored',
])
