import type { AnyModule } from './module.js'

/**
 * Whether modules of this very class ask the same of the engine for every batch of a shape, and remember nothing but
 * what kernels do: they say so by `static readonly steady = true`. A class that is derived says it for itself, and no
 * module that is listened to does.
 */
export function isSteady(module: AnyModule): boolean {
  const kind = module.constructor as { readonly steady?: boolean }
  return Object.hasOwn(kind, 'steady') && kind.steady === true && !Object.hasOwn(module, 'forward')
}
