import type { Cell } from '../blocks/block.js'
import { itemId } from '../datasets/dataset.js'
import { EspalierError, reasonOf } from '../errors.js'
import { SkipItem } from '../load/skip-item.js'
import { retainKind } from '../nd-array.js'
import { Random } from '../random/random.js'
import { failedStep } from './failed-step.js'
import {
  andThen,
  asTransform,
  byOrder,
  runsOn,
  type Transform,
  type TransformContext,
  type TransformLike,
} from './transform.js'
import { valueKind } from './value-kind.js'

/** How far a pipeline decodes, and which of its steps had run. */
export interface DecodeOptions {
  /** False stops at the first step, from the end, that can make its value visible. Default true. */
  readonly full?: boolean
  /** The split the value was encoded on; default: all steps are undone. */
  readonly split?: number
}

/**
 * Transforms in order, itself a transform (fastai's `Pipeline`). `setup` sets the steps up one at a time, so
 * that each sees the training items as the steps before it left them.
 */
export class Pipeline<In = unknown, Out = unknown> implements Transform<In, Out> {
  readonly transforms: readonly Transform[]
  /** The kind of value that each step is given, and that the last one makes. */
  #seen: readonly unknown[] = []

  constructor(transforms: readonly TransformLike[] = []) {
    this.transforms = byOrder(transforms.map((t) => asTransform(t)))
  }

  get name(): string {
    return this.transforms.map((t) => t.name).join(' → ')
  }

  /** `all` are the items of every split, for steps that ask for them with `trainSetup: false`. */
  async setup(
    items: AsyncIterable<In>,
    before: readonly Transform[] = [],
    all: AsyncIterable<In> = items,
  ): Promise<void> {
    for (const [i, t] of this.transforms.entries()) {
      const from = t.trainSetup === false ? all : items
      await t.setup?.(this.#upTo(i, from, 0), [...before, ...this.transforms.slice(0, i)])
    }
  }

  async check(items: AsyncIterable<In>): Promise<void> {
    for (const [i, t] of this.transforms.entries()) await t.check?.(this.#upTo(i, items, 1))
  }

  encode(x: In, context: TransformContext): Out | Promise<Out> {
    return encodeWith(this.transforms, x, context) as Out | Promise<Out>
  }

  /** Undoes the steps from the last to the first. */
  decode(y: Out): In
  decode(y: Out, options: DecodeOptions): unknown
  decode(y: Out, { full = true, split }: DecodeOptions = {}): unknown {
    let value: unknown = y
    for (const t of this.#undoing(split)) {
      if (!full && t.show) return value
      if (t.decode) value = retainKind(value, t.decode(value))
    }
    return value
  }

  /** What was encoded, made visible by the last step that can; nothing where none can. */
  shown(y: Out, { split }: Pick<DecodeOptions, 'split'> = {}): Cell | undefined {
    let value: unknown = y
    for (const t of this.#undoing(split)) {
      if (t.show) return t.show(value)
      if (t.decode) value = retainKind(value, t.decode(value))
    }
    return undefined
  }

  /** The same steps but for the first `n`. */
  from(n: number): Pipeline<unknown, Out> {
    return new Pipeline<unknown, Out>(this.transforms.slice(n))
  }

  /**
   * The step at which an item enters: the first that was given something of its kind before, or says that it accepts
   * it. A label function is left out so where what it would have returned is given, and every step where an item is
   * what they would have made.
   */
  entryOf(item: unknown): number {
    const seen = this.#seen.indexOf(valueKind(item))
    return Math.max(0, seen >= 0 ? seen : this.transforms.findIndex((t) => t.accepts?.(item)))
  }

  /** Remembers of one item what each step is given; of one that cannot be read, nothing: loading it says why. */
  async observe(item: In): Promise<void> {
    const context = { split: 1, random: new Random(0, 'setup') }
    const seen: unknown[] = []
    try {
      let value: unknown = item
      for (const t of this.transforms) {
        seen.push(valueKind(value))
        if (runsOn(t, context.split)) value = retainKind(value, await t.encode(value, context))
      }
      seen.push(valueKind(value))
    } catch {
      return
    }
    this.#seen = seen
  }

  #undoing(split: number | undefined): Transform[] {
    return this.transforms.filter((t) => split === undefined || runsOn(t, split)).reverse()
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
        throw named(error, itemId(item, position - 1))
      }
      yield value
    }
  }
}

function named(error: unknown, id: string): unknown {
  const reason = reasonOf(error)
  if (error instanceof EspalierError && (error.code !== 'transform/failed' || reason.includes(id)))
    return error
  return new EspalierError('pipeline/item', `preparing ${id}: ${reason}`, { cause: error })
}

function encodeWith(transforms: readonly Transform[], x: unknown, context: TransformContext): unknown {
  let value = x
  for (const t of transforms) {
    if (!runsOn(t, context.split)) continue
    value = andThen(value, (v) => stepOn(t, v, context))
  }
  return value
}

function stepOn(t: Transform, x: unknown, context: TransformContext): unknown {
  try {
    const made = t.encode(x, context)
    if (!(made instanceof Promise)) return retainKind(x, made)
    return made.then(
      (value) => retainKind(x, value),
      (error) => Promise.reject(failedStep(t.name, [x], error)),
    )
  } catch (error) {
    throw failedStep(t.name, [x], error)
  }
}
