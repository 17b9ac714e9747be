import { EspalierError, listed } from '@espalier/data'
import type { Callback } from '../learner/callback.js'
import type { BatchState, FitState } from '../learner/events.js'
import { checkEvery } from '../log/check-log.js'
import { isTrial } from '../log/is-trial.js'
import { hookOutputs, type OutputHooks } from '../nn/hook-outputs.js'
import type { AnyModule } from '../nn/module.js'
import type { Saved } from '../nn/saved.js'
import type { Figure } from '../report/figure.js'
import { plotColorDim } from '../report/plot-color-dim.js'
import { plotLayerStats } from '../report/plot-layer-stats.js'
import { type Activation, activationOf, bins } from './activation.js'
import { packActivations, unpackActivations } from './pack-activations.js'

/** What `activationStats` looks at, and how often. */
export interface ActivationStatsOptions {
  /** Also keeps histograms, for {@link ActivationStats.colorDim}. Default false. */
  readonly withHist?: boolean
  /** Looks at every n-th step of a fit. Default 1. */
  readonly every?: number
  /** Default: every layer that has parameters. */
  readonly modules?: readonly AnyModule[]
}

/** The numbers of a layer, step by step; NaN where it did not run. */
export interface LayerStats {
  readonly mean: readonly number[]
  readonly std: readonly number[]
  /** The fraction of outputs that are at most 0.05. */
  readonly nearZero: readonly number[]
}

/** A layer, as its place in {@link ActivationStats.layers}, counted from the end where it is negative, or its path. */
export type LayerId = number | string

/** What the layers of a model gave while it trained; see {@link activationStats}. */
export class ActivationStats implements Callback {
  readonly name = 'activationStats'
  readonly order = -20
  readonly runValid = false
  run = true
  /** The paths of the layers that are looked at. */
  layers: readonly string[] = []
  /** The steps of the fit that were looked at, from 0. */
  steps: number[] = []
  #rows: (readonly (Activation | undefined)[])[] = []
  #modules: readonly AnyModule[] = []
  #hooks: OutputHooks<Activation | undefined> | undefined

  constructor(readonly options: ActivationStatsOptions = {}) {
    checkEvery('activationStats', 'every', options.every ?? 1)
  }

  beforeFit({ learn }: FitState): void {
    this.run = !isTrial(learn)
    if (!this.run) return
    const chosen = chosenLayers(learn.model, this.options.modules)
    this.layers = [...chosen.keys()]
    this.#modules = [...chosen.values()]
    this.#rows = []
    this.steps = []
  }

  beforeBatch({ trainIter }: BatchState): void {
    this.release()
    if (trainIter % (this.options.every ?? 1) !== 0) return
    this.#hooks = hookOutputs(this.#modules, (output) => activationOf(output, this.options.withHist))
  }

  afterPred({ trainIter }: BatchState): void {
    if (!this.#hooks) return
    this.#rows.push([...this.#hooks.stored])
    this.steps.push(trainIter)
    this.release()
  }

  /** Takes the hooks off again. */
  release(): void {
    this.#hooks?.[Symbol.dispose]()
    this.#hooks = undefined
  }

  /** Mean, standard deviation and fraction near zero of what a layer gave (fastai's `layer_stats`). */
  layerStats(layer: LayerId): LayerStats {
    const i = this.#place(layer)
    const list = (key: 'mean' | 'std' | 'nearZero') => this.#rows.map((row) => row[i]?.[key] ?? Number.NaN)
    return { mean: list('mean'), std: list('std'), nearZero: list('nearZero') }
  }

  /** The histograms of a layer, `[bin][step]`: ln(1 + count) in 40 bins from 0 to 10 (fastai's `hist`). */
  hist(layer: LayerId): number[][] {
    const i = this.#place(layer)
    if (!this.options.withHist) {
      throw new EspalierError('activations/hist', 'no histograms were kept', {
        fix: 'make it with activationStats({ withHist: true })',
      })
    }
    const counts = this.#rows.map((row) => row[i]?.hist)
    return Array.from({ length: bins }, (_, bin) => counts.map((count) => Math.log1p(count?.[bin] ?? 0)))
  }

  /** The histograms of a layer as colours over the steps (fastai's `color_dim`). */
  colorDim(layer: LayerId): Figure {
    const hist = this.hist(layer)
    return plotColorDim({ hist, steps: this.steps, layer: this.layers[this.#place(layer)]! })
  }

  /** The numbers of a layer over the steps (fastai's `plot_layer_stats`). */
  plotLayerStats(layer: LayerId): Figure {
    const stats = this.layerStats(layer)
    return plotLayerStats({ ...stats, steps: this.steps, layer: this.layers[this.#place(layer)]! })
  }

  saveState(): Saved {
    return { data: packActivations({ layers: this.layers, steps: this.steps, rows: this.#rows }) }
  }

  loadState({ data }: Saved): void {
    const { layers, steps, rows } = unpackActivations(data)
    this.layers = layers
    this.steps = [...steps]
    this.#rows = [...rows]
  }

  #place(layer: LayerId): number {
    const { layers } = this
    const place =
      typeof layer === 'string' ? layers.indexOf(layer) : layer < 0 ? layers.length + layer : layer
    if (layers[place] !== undefined) return place
    throw new EspalierError('activations/layer', `no layer ${JSON.stringify(layer)} was looked at`, {
      fix:
        layers.length > 0
          ? `there are ${layers.length}: ${listed(layers)}`
          : 'fit first, with this callback among cbs',
    })
  }
}

/**
 * Looks at what layers give while a model trains (fastai's `ActivationStats`): mean, standard deviation and fraction
 * near zero, and on demand a histogram, of every n-th step. Of a layer that gives several tensors the first counts.
 *
 * @example
 * const stats = activationStats({ withHist: true })
 * await learn.fitOneCycle(1, 1e-2, { cbs: [stats] })
 * await stats.colorDim(-2).save('activations.png')
 */
export function activationStats(options?: ActivationStatsOptions): ActivationStats {
  return new ActivationStats(options)
}

/** The layers to look at, by path. */
function chosenLayers(model: AnyModule, wanted: readonly AnyModule[] | undefined): Map<string, AnyModule> {
  const isLayer = (m: AnyModule) => [...m.children()].length === 0 && m.parameters().length > 0
  const all = [...model.modules()].map(([path, m]) => [path || model.kind, m] as const)
  const chosen = new Map(all.filter(([, m]) => (wanted ? wanted.includes(m) : isLayer(m))))
  const strange = wanted?.find((m) => !all.some(([, own]) => own === m))
  if (!strange) return chosen
  throw new EspalierError(
    'activations/module',
    `activationStats: a ${strange.kind} is no part of this model`,
    {
      fix: 'give modules of learn.model: modules: [learn.model.body]',
    },
  )
}
