import type { Json, Portable } from '../json.js'

/** From what another thread makes a step again: the module that has a function of its name, and its options. */
export interface StepSpec {
  /** An address. */
  readonly module: string
  readonly name: string
  readonly options: { readonly [key: string]: Json }
}

interface Home {
  readonly module: string
  readonly light: boolean
}

const homes = new WeakMap<object, Home>()
const places = new Map<string, string>()

/**
 * Lets loaders run a step in worker threads: `module` exports, under the step's name, a function that makes this
 * very step again from what its `toJSON` wrote. It is held of this object alone: a copy that was changed is another
 * step. `light` steps are not worth a thread of their own; they go along with others.
 *
 * @example
 * // invert.ts: a file of its own, which the threads import
 * export const invert = (): ItemTransform =>
 *   movable({ name: 'invert', toJSON: () => ({}), encode: (e) => … }, import.meta.url)
 */
export function movable<T extends Portable>(step: T, module: string | URL, { light = false } = {}): T {
  homes.set(step, { module: String(module), light })
  return step
}

/** Says where the module lies that a package's steps name by the package's name. */
export function locateSteps(name: string, module: string | URL): void {
  places.set(name, String(module))
}

/** What another thread needs to make a step again; undefined where it cannot. */
export function stepSpec(step: Portable): StepSpec | undefined {
  const module = homes.get(step)?.module
  const address = module && (places.get(module) ?? (/^(file|data):/.test(module) ? module : undefined))
  if (!address || !step.toJSON) return undefined
  return { module: address, name: step.name, options: step.toJSON() }
}

/** Whether a step is not worth a thread of its own. */
export function isLight(step: object): boolean {
  return homes.get(step)?.light ?? true
}
