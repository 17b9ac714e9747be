import { SkipItem } from '../load/skip-item.js'
import { Random } from '../random/random.js'
import {
  andThen,
  asTransform,
  byOrder,
  type Transform,
  type TransformContext,
  type TransformLike,
} from './transform.js'

/**
 * Transforms in order, itself a transform (fastai's `Pipeline`). `setup` sets the steps up one at a time, so
 * that each sees the training items as the steps before it left them.
 */
export class Pipeline<In = unknown, Out = unknown> implements Transform<In, Out> {
  readonly transforms: readonly Transform[]

  constructor(transforms: readonly TransformLike[] = []) {
    this.transforms = byOrder(transforms.map((t) => asTransform(t)))
  }

  get name(): string {
    return this.transforms.map((t) => t.name).join(' → ')
  }

  async setup(items: AsyncIterable<In>): Promise<void> {
    for (const [i, t] of this.transforms.entries()) await t.setup?.(this.#upTo(i, items, 0))
  }

  async check(items: AsyncIterable<In>): Promise<void> {
    for (const [i, t] of this.transforms.entries()) await t.check?.(this.#upTo(i, items, 1))
  }

  encode(x: In, context: TransformContext): Out | Promise<Out> {
    return encodeWith(this.transforms, x, context) as Out | Promise<Out>
  }

  decode(y: Out): In {
    return this.transforms.reduceRight<unknown>((value, t) => (t.decode ? t.decode(value) : value), y) as In
  }

  /** The items as step `end` will see them on a split; those that a step leaves out are missing. */
  async *#upTo(end: number, items: AsyncIterable<In>, split: number): AsyncIterable<unknown> {
    const before = this.transforms.slice(0, end)
    let position = 0
    for await (const item of items) {
      const random = new Random(0, 'setup', split, position++)
      let value: unknown
      try {
        value = await encodeWith(before, item, { split, random })
      } catch (error) {
        if (error instanceof SkipItem) continue
        throw error
      }
      yield value
    }
  }
}

function encodeWith(transforms: readonly Transform[], x: unknown, context: TransformContext): unknown {
  let value = x
  for (const t of transforms) {
    if (t.splitIdx !== undefined && t.splitIdx !== context.split) continue
    value = andThen(value, (v) => t.encode(v, context))
  }
  return value
}
