import type { AnyModule } from './module.js'

/** What is heard of each module, for as long as it is not disposed. */
export interface OutputHooks<T> extends Disposable {
  readonly modules: readonly AnyModule[]
  /** What came of the last output of each, in the order of the modules; undefined for one that has not run. */
  readonly stored: readonly (T | undefined)[]
}

type Forward = (...inputs: never[]) => unknown
type Hear = (output: unknown) => void

/** A module that is listened to: who hears it, the first one first, and the `forward` that it had of its own. */
interface Hooked {
  readonly hears: readonly Hear[]
  readonly own: PropertyDescriptor | undefined
}
const hooked = new WeakMap<AnyModule, Hooked>()

/**
 * Hears what modules give each time they run, without a change of it, until it is disposed (fastai's
 * `hook_outputs`). Outputs live as long as the scope that the model runs in: take out of them what is needed later.
 *
 * @example
 * using hooks = hookOutputs([model.body, model.head], (output) => (output as tf.Tensor).shape)
 * model.forward(x)
 * hooks.stored // [[1, 7, 7, 512], [1, 10]]
 */
export function hookOutputs<T = unknown>(
  modules: readonly AnyModule[],
  hear: (output: unknown, module: AnyModule, place: number) => T = (output) => output as T,
): OutputHooks<T> {
  const stored: (T | undefined)[] = modules.map(() => undefined)
  const hooks = modules.map((module, i): [AnyModule, Hear] => [
    module,
    (output) => {
      stored[i] = hear(output, module, i)
    },
  ])
  for (const [module, hook] of hooks) putOn(module, hook)
  return {
    modules,
    stored,
    [Symbol.dispose]() {
      for (const [module, hook] of hooks) takeOff(module, hook)
    },
  }
}

/** The method is covered by one of the object for as long as somebody listens. */
function putOn(module: AnyModule, hear: Hear): void {
  const before = hooked.get(module)
  if (before) {
    hooked.set(module, { ...before, hears: [...before.hears, hear] })
    return
  }
  const forward = module.forward as Forward
  hooked.set(module, { hears: [hear], own: Object.getOwnPropertyDescriptor(module, 'forward') })
  const heard: Forward = (...inputs) => {
    const output = forward.apply(module, inputs)
    for (const h of hooked.get(module)?.hears ?? []) h(output)
    return output
  }
  Object.defineProperty(module, 'forward', { value: heard, configurable: true, writable: true })
}

function takeOff(module: AnyModule, hear: Hear): void {
  const { hears = [], own } = hooked.get(module) ?? {}
  const left = hears.filter((h) => h !== hear)
  if (left.length > 0) {
    hooked.set(module, { hears: left, own })
    return
  }
  if (!hooked.delete(module)) return
  if (own) Object.defineProperty(module, 'forward', own)
  else Reflect.deleteProperty(module, 'forward')
}
