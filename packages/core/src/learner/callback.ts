import type { Json } from '@espalier/data'
import type { Saved } from '../nn/saved.js'
import type { Events } from './events.js'

/**
 * Something that happens during a fit: functions under the names of events, nothing to inherit (fastai's
 * `Callback`).
 *
 * @example
 * const warmWords: Callback = {
 *   name: 'warmWords',
 *   afterEpoch: ({ epoch }) => console.log(`epoch ${epoch} done`),
 * }
 */
export interface Callback extends Partial<Events> {
  /** Names a callback in errors and in `showTrainingLoop`. */
  readonly name: string
  /** Lower runs first; equal orders run as they were added. Default 0. */
  readonly order?: number
  /** False: sits out the batches of training. */
  readonly runTrain?: boolean
  /** False: sits out the batches of validation. */
  readonly runValid?: boolean
  /** True: reads what it is given and changes none of it, so that steps may be repeated as they were recorded. */
  readonly readsOnly?: boolean
  /** False: hears nothing more of this fit; true again when it is over. */
  run?: boolean
  /** Called when a fit is over, however it ended: the place to give things back. */
  release?(): void | Promise<void>
  /** What it must know again to go on in another process. Called between steps; tensors stay its own. */
  saveState?(): Saved
  /** Takes back what `saveState` gave, after the events that lead there. The tensors are disposed afterwards. */
  loadState?(saved: Saved): void
  /** What of it must be the same when a run goes on, as data: its options. */
  describeRun?(): Json
}
