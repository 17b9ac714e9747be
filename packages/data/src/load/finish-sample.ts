import { applyItemTransforms, type ItemTransform } from '../transform/item-transform.js'
import type { Pipeline } from '../transform/pipeline.js'
import type { TransformContext } from '../transform/transform.js'

type AnyPipeline = Pick<Pipeline<never>, 'encode'>

/** Steps that end a sample. */
export interface SampleSteps {
  /** One per value; undefined where the values are elements already. */
  readonly pipelines?: readonly Pipeline[]
  readonly itemTfms: readonly ItemTransform[]
}

/** Takes what the first steps of each pipeline made to the elements of a sample. */
export async function finishSample(
  { pipelines, itemTfms }: SampleSteps,
  values: readonly unknown[],
  context: TransformContext,
): Promise<readonly unknown[]> {
  const elements = pipelines ? gathered(await encodeEach(pipelines, values, context)) : values
  return applyItemTransforms(itemTfms, elements, context)
}

/** One after the other: they share the draws of the sample, whose order must not depend on who is faster. */
export async function encodeEach(
  pipelines: readonly AnyPipeline[],
  values: readonly unknown[],
  context: TransformContext,
): Promise<unknown[]> {
  const made: unknown[] = []
  for (const [i, pipeline] of pipelines.entries())
    made.push(await pipeline.encode(values[i] as never, context))
  return made
}

/** The elements of a sample: a single pipeline may return a list of them. */
export function gathered(made: readonly unknown[]): readonly unknown[] {
  return made.length === 1 && Array.isArray(made[0]) ? made[0] : made
}
