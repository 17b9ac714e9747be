import * as tf from './tf.js'

type Inputs = Readonly<Record<string, tf.Tensor>>
/**
 * The gradient of an input. It is given what other uses of that input came to, if there are any; one that adds to it in
 * place returns it (`hostAccumulate`).
 */
type Gradient = (before?: tf.Tensor) => tf.Tensor
type Gradients<I extends Inputs> = { readonly [K in keyof I]?: Gradient }

/**
 * A kernel contract: what is computed, in tfjs operations that any engine has, and its gradient. An engine that
 * can do better registers its own form under the same name; the gradient stays this one.
 */
export interface KernelContract<I extends Inputs, A extends object> {
  readonly name: string
  compose(inputs: I, attrs: A): tf.Tensor | tf.Tensor[]
  /** What the gradient needs: names of inputs, positions of outputs. */
  readonly saves?: { readonly inputs?: readonly (keyof I & string)[]; readonly outputs?: readonly number[] }
  /**
   * The gradient of each input, computed when asked for; what comes for several at once is computed before, as tfjs
   * disposes of all that these functions make and do not return. `dys` has one entry per output; outputs that nothing
   * depends on get a scalar 0. `saved` holds the saved inputs, then the saved outputs.
   */
  gradient?(dys: readonly tf.Tensor[], saved: readonly tf.Tensor[], attrs: A): Gradients<I>
}

/** Runs a kernel on the current engine and records it on the tape. */
export type Kernel<I extends Inputs, A extends object> = (inputs: I, attrs: A) => tf.Tensor[]

const contracts = new Map<string, KernelContract<Inputs, object>>()
const backends = new Set<string>()

/** Declares a kernel; every engine, present and future, gets at least the composed form. */
export function defineKernel<I extends Inputs, A extends object>(
  contract: KernelContract<I, A>,
): Kernel<I, A> {
  const any = contract as unknown as KernelContract<Inputs, object>
  const { name, saves, gradient } = any
  contracts.set(name, any)
  for (const backend of backends) install(any, backend)
  if (gradient) {
    const kept = saves?.outputs
    tf.registerGradient({
      kernelName: name,
      inputsToSave: [...(saves?.inputs ?? [])],
      ...(kept && {
        outputsToSave: Array.from({ length: Math.max(...kept) + 1 }, (_, i) => kept.includes(i)),
      }),
      gradFunc: (dy, saved, attrs) =>
        gradient([dy].flat(), saved, attrs as object) as Record<string, Gradient>,
    })
  }
  return (inputs, attrs) =>
    [tf.engine().runKernel<tf.Tensor | tf.Tensor[]>(name, inputs, attrs as tf.NamedAttrMap)].flat()
}

/** Gives a backend the composed form of every kernel that it has no own form of. */
export function installKernels(backend: string): void {
  backends.add(backend)
  for (const contract of contracts.values()) install(contract, backend)
}

/** True when the gradient of this kernel is one of ours: outputs without gradient need no array of zeros. */
export function isContract(kernelName: string): boolean {
  return contracts.has(kernelName)
}

/** The composed form of a kernel, for an engine whose own form does not cover every case. */
export function composedForm(name: string): (inputs: Inputs, attrs: object) => tf.Tensor | tf.Tensor[] {
  const contract = contracts.get(name)
  if (!contract) throw new Error(`there is no kernel '${name}'`)
  return (inputs, attrs) => tf.tidy(() => contract.compose(inputs, attrs))
}

function install({ name }: KernelContract<Inputs, object>, backendName: string): void {
  if (tf.getKernel(name, backendName)) return
  const compute = composedForm(name)
  tf.registerKernel({
    kernelName: name,
    backendName,
    kernelFunc: ({ inputs, attrs }) => compute(inputs as unknown as Inputs, (attrs ?? {}) as object),
  })
}
