import { describe } from '../describe.js'
import { EspalierError } from '../errors.js'
import { retainKind } from '../nd-array.js'
import { asTransform, type Transform, type TransformLike } from './transform.js'

/**
 * A step of a pipeline that acts on each element of a list, as fastai's transforms do on a tuple: both pictures of a
 * pair are opened by `eachElement(openImage())`. A step by itself gets the list as it is.
 */
export function eachElement<In, Out>(step: TransformLike<In, Out>): Transform<readonly In[], readonly Out[]> {
  const t = asTransform(step)
  const { order, splitIdx, toJSON, decode } = t
  return {
    name: `each ${t.name}`,
    ...(order !== undefined && { order }),
    ...(splitIdx !== undefined && { splitIdx }),
    ...(toJSON && { toJSON: () => toJSON.call(t) }),
    async setup(items, before) {
      await t.setup?.(elements(items), before)
    },
    async encode(list, context) {
      if (!Array.isArray(list)) {
        throw new EspalierError('transform/list', `each ${t.name} acts on lists, got ${describe(list)}`, {
          fix: `use the step itself, without eachElement`,
        })
      }
      const made: Out[] = []
      // One after the other: they share the draws of the sample.
      for (const element of list) made.push(retainKind(element, await t.encode(element as In, context)))
      return made
    },
    ...(decode && { decode: (list: readonly Out[]) => list.map((element) => decode.call(t, element)) }),
  }
}

async function* elements<T>(lists: AsyncIterable<readonly T[]>): AsyncIterable<T> {
  for await (const list of lists) yield* list
}
