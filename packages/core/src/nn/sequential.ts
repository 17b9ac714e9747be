import { type AnyModule, Module } from './module.js'

/** What a module takes, and what it gives. */
type InOf<M> = M extends Module<infer In, unknown> ? In : never
type OutOf<M> = M extends Module<never, infer Out> ? Out : never

/** Modules applied one after the other; they are called `0`, `1`, … */
export class Sequential<In extends readonly unknown[] = readonly never[], Out = unknown> extends Module<
  In,
  Out
> {
  readonly layers: readonly AnyModule[]

  constructor(
    layers: readonly AnyModule[],
    readonly name = 'Sequential',
  ) {
    super()
    this.layers = layers
  }

  override get kind(): string {
    return this.name
  }

  forward(...inputs: In): Out {
    const [first, ...rest] = this.layers
    if (!first) return inputs[0] as Out
    return rest.reduce<unknown>(
      (x, layer) => layer.forward(x as never),
      first.forward(...(inputs as readonly unknown[] as readonly never[])),
    ) as Out
  }

  override *children(): Generator<[string, AnyModule]> {
    for (const [i, layer] of this.layers.entries()) yield [String(i), layer]
  }

  /** Some of the layers, the very same modules, as a new sequence. */
  slice(start?: number, end?: number): Sequential<In, unknown> {
    return new Sequential(this.layers.slice(start, end))
  }
}

/** Each module's output is the next one's only input. */
type Chain<Ms extends readonly AnyModule[]> = Ms extends readonly [
  infer A extends AnyModule,
  infer B extends AnyModule,
  ...infer Rest extends readonly AnyModule[],
]
  ? [OutOf<A>] extends InOf<B>
    ? readonly [A, ...(Chain<readonly [B, ...Rest]> extends readonly [unknown, ...infer Tail] ? Tail : never)]
    : readonly [A, Module<[OutOf<A>]>, ...Rest]
  : Ms

/**
 * A {@link Sequential} whose layers the compiler has checked: each must take what the one before it gives.
 *
 * @example
 * const net = sequential(new Flatten(), new Linear(784, 10)) // Sequential<[Tensor], Tensor2D>
 */
export function sequential<const Ms extends readonly [AnyModule, ...AnyModule[]]>(
  ...layers: Ms & Chain<Ms>
): Sequential<InOf<Ms[0]>, Ms extends readonly [...unknown[], infer L] ? OutOf<L> : never> {
  return new Sequential(layers as unknown as readonly AnyModule[])
}
