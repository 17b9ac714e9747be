import type { Measurement } from '../measurement.js'
import type { CollabWorkOptions } from './collab.js'
import type { ExportOptions } from './export-model.js'
import type { ImdbOptions } from './imdb.js'
import type { LearnedOptions } from './learned.js'
import type { LmOptions } from './lm-step.js'
import type { LoaderOptions } from './loader.js'
import type { ResnetOptions } from './resnet-step.js'
import type { TabularOptions } from './tabular.js'
import type { TokenizeOptions } from './tokenize.js'

/** What a work finds out itself; its process adds memory and processor time. */
export type Found = Omit<Measurement, 'peak_rss_mb' | 'cpu_total_s' | 'others_cores'>

/** Our works and what each is told. */
export interface Works {
  readonly 'resnet-step': ResnetOptions
  readonly 'empty-step': Readonly<Record<string, never>>
  readonly 'small-ops': Readonly<Record<string, never>>
  readonly 'export-model': ExportOptions
  readonly loader: LoaderOptions
  readonly 'lm-step': LmOptions
  readonly 'clas-epoch': { readonly imdb: string }
  readonly imdb: ImdbOptions
  readonly 'pets-e2e': LearnedOptions
  readonly 'unet-camvid': LearnedOptions
  readonly tabular: TabularOptions
  readonly collab: CollabWorkOptions
  readonly tokenize: TokenizeOptions
}

/** The name of a work. */
export type WorkName = keyof Works
/** What a work is told. */
export type WorkOptions<N extends WorkName> = Works[N]
