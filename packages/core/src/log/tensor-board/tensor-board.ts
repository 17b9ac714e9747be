import type { Callback } from '../../learner/callback.js'
import type { FitState } from '../../learner/events.js'
import type { Learner } from '../../learner/learner.js'
import { platform } from '../../platform.js'
import { checkEvery, checkPath } from '../check-log.js'
import { isTrial } from '../is-trial.js'
import { hparamsEvent, imageEvent, type Moment, scalarEvent, textEvent } from './event.js'
import { EventFile } from './event-file.js'
import { type Picture, pngOf } from './png-of.js'

/** What `tensorBoard` writes, and where. */
export interface TensorBoardOptions {
  /** The folder of this run: TensorBoard names a run after its folder. */
  readonly logDir: string
  /** Writes every n-th step. Default 1. */
  readonly everySteps?: number
  /** Pictures to write after an epoch, by tag. */
  readonly images?: (learn: Learner) => Pictures | Promise<Pictures>
  /** Draws them after every n-th epoch. Default 1. */
  readonly everyEpochs?: number
  /** Texts to write at the beginning, by tag, in Markdown. */
  readonly texts?: Readonly<Record<string, string>>
  /** What the run was begun with, for TensorBoard's table of runs. */
  readonly hparams?: Readonly<Record<string, string | number | boolean>>
}
type Pictures = Readonly<Record<string, Picture>>

/**
 * Writes a fit for TensorBoard (fastai's `TensorBoardCallback`): after each step the smoothed loss `train_loss`, the
 * loss of the batch `batch_loss` and the hyper-parameters of each group (`lr_0`, `mom_0`, …), after each epoch the
 * validation loss, the metrics and the pictures. The x-axis is the steps that the learner has done, all its fits in
 * a row. Steps are written in passing, every other second and at the end of each epoch. A fit that goes on in
 * another process has every step once.
 *
 * @example
 * const board = tensorBoard({ logDir: 'runs/pets', images: (learn) => ({ results: learn.showResults() }) })
 * await learn.fineTune(4, 2e-3, { cbs: [board] }) // then: tensorboard --logdir runs
 */
export function tensorBoard(options: TensorBoardOptions): Callback {
  const { logDir, everySteps = 1, everyEpochs = 1, images, texts = {}, hparams } = options ?? {}
  checkPath('tensorBoard', 'logDir', logDir, 'runs/first')
  checkEvery('tensorBoard', 'everySteps', everySteps)
  checkEvery('tensorBoard', 'everyEpochs', everyEpochs)
  const file = new EventFile(logDir)
  let introduced = false
  const add = (event: Uint8Array, { step = 0 }: Moment) => file.add(event, step)
  const scalars = (s: FitState, values: Readonly<Record<string, number | undefined>>) => {
    const at = moment(s)
    for (const [tag, value] of Object.entries(values)) {
      if (value !== undefined) add(scalarEvent(at, tag, value), at)
    }
  }
  /** Waits for the first step: until then a run that goes on has not said so. */
  const introduce = (s: FitState) => {
    if (introduced) return
    introduced = true
    const at = moment(s)
    if (hparams) add(hparamsEvent(at, hparams), at)
    for (const [tag, text] of Object.entries(texts)) add(textEvent(at, tag, text), at)
  }
  return {
    name: 'tensorBoard',
    order: 60,
    runValid: false,
    beforeFit({ learn }) {
      platform() // Better now than after a step.
      this.run = !isTrial(learn)
    },
    afterBatch(s) {
      const { learn, loss } = s
      if (loss === undefined || learn.run.step % everySteps !== 0) return
      introduce(s)
      scalars(s, { train_loss: learn.recorder.smoothLoss, batch_loss: loss, ...hypersOf(learn) })
      file.flushSometimes()
    },
    async afterEpoch(s) {
      const { values, columns } = s.learn.recorder
      const row = values.at(-1) ?? []
      if (row.every((v) => v === undefined)) return
      introduce(s)
      const measured = columns.flatMap((name, i) => (name === 'train_loss' ? [] : [[name, row[i]] as const]))
      scalars(s, Object.fromEntries(measured))
      if (images && (s.epoch + 1) % everyEpochs === 0) {
        const at = moment(s)
        for (const [tag, picture] of Object.entries(await images(s.learn))) {
          add(imageEvent(at, tag, await pngOf(picture)), at)
        }
      }
      await file.flush()
    },
    release: () => file.close(),
    saveState: () => ({ data: { introduced, file: file.saveState() } }),
    loadState({ data }) {
      const state = data as { readonly introduced: boolean; readonly file: null }
      introduced = state.introduced
      file.loadState(state.file)
    },
  }
}

function moment({ learn }: FitState): Moment {
  return { time: platform().now() / 1000, step: learn.run.step }
}

/** The hyper-parameters of each group, by name and group. */
function hypersOf({ opt }: Learner): Record<string, number> {
  return Object.fromEntries(
    opt.hypers.flatMap((group, i) => Object.entries(group).map(([name, value]) => [`${name}_${i}`, value])),
  )
}
