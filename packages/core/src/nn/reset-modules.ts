import type { AnyModule } from './module.js'

/** Lets every module below one, and itself, forget what it carries from batch to batch (fastai's `model.reset`). */
export function resetModules(model: AnyModule): void {
  for (const [, m] of model.modules()) m.reset?.()
}
