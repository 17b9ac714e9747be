import type { AnyModule } from '@espalier/core'

/** Makes something of a module; where that fails, the module's weights are given back. */
export function orDispose<T>(module: AnyModule, make: () => T): T {
  try {
    return make()
  } catch (error) {
    module[Symbol.dispose]()
    throw error
  }
}
