/**
 * Where a run stands: with the weights, the optimizer and the callbacks, all that it is. Every random draw is a
 * function of the seed and of these counts, so the same state continues in the same way.
 */
export interface RunState {
  seed: number
  /** Training steps ever begun: dropout draws from it. */
  step: number
  /** Training epochs ever begun: order and augmentation draw from it. */
  epoch: number
  /** Fits ever begun: a run that goes on tells by it which of them are done. */
  fit: number
}
