import type { AnyModule } from './module.js'

/** Which modules of a model train and which evaluate, as it was. */
export interface HeldModes extends Disposable {
  restore(): void
}

/**
 * Holds which modules of a model train and which evaluate; puts that back at the end of the scope.
 *
 * @example
 * using _modes = holdModes(model)
 * model.eval()
 */
export function holdModes(model: AnyModule): HeldModes {
  const modes = model.all().map((m) => [m, m.training] as const)
  const restore = () => {
    for (const [m, training] of modes) m.training = training
  }
  return { restore, [Symbol.dispose]: restore }
}
