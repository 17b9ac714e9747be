import type * as tf from '../engine/tf.js'
import { type AnyModule, Module } from './module.js'

/** What a module takes, and what it gives. */
type InOf<M> = M extends Module<infer In, unknown> ? In : never
type OutOf<M> = M extends Module<never, infer Out> ? Out : never

/** Modules applied one after the other; they are called `0`, `1`, … unless they are given names. */
export class Sequential<In extends readonly unknown[] = readonly never[], Out = unknown> extends Module<
  In,
  Out
> {
  static readonly steady = true
  readonly layers: readonly AnyModule[]

  constructor(
    layers: readonly AnyModule[],
    readonly name = 'Sequential',
    /** What the layers are called in weights and in print. */
    readonly names?: readonly string[],
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
    for (const [i, layer] of this.layers.entries()) yield [this.names?.[i] ?? String(i), layer]
  }

  /** Some of the layers, the very same modules, as a new sequence. */
  slice(start?: number, end?: number): Sequential<In, unknown> {
    return new Sequential(this.layers.slice(start, end), undefined, this.names?.slice(start, end))
  }
}

/** What comes out when an `X` goes in: layers for tensors of any rank, such as activations, keep it. */
type Through<M, X> = M extends { forward<T extends tf.Tensor>(x: T): T } ? X : OutOf<M>
/** Whether an `X` may go in; a tensor of unknown rank may go anywhere. */
type Fits<X, In> = [X] extends In
  ? true
  : In extends readonly [infer Wanted]
    ? Wanted extends X
      ? true
      : false
    : false

/** The layers that an `X` goes through, as the compiler wants them. */
type Chain<Ms, X> = Ms extends readonly [infer A, ...infer Rest]
  ? readonly [Fits<X, InOf<A>> extends true ? A : Module<[X]>, ...Chain<Rest, Through<A, X>>]
  : readonly []
/** What comes out at the end of them. */
type EndOf<Ms, X> = Ms extends readonly [infer A, ...infer Rest] ? EndOf<Rest, Through<A, X>> : X

/**
 * A {@link Sequential} whose layers the compiler has checked: each must take what the one before it gives.
 *
 * @example
 * const net = sequential(new Flatten(), new Linear(784, 10)) // Sequential<[Tensor], Tensor2D>
 */
export function sequential<First extends AnyModule, const Rest extends readonly AnyModule[]>(
  first: First,
  ...rest: Rest & Chain<Rest, OutOf<First>>
): Sequential<InOf<First>, EndOf<Rest, OutOf<First>>> {
  return new Sequential([first, ...(rest as readonly AnyModule[])])
}
