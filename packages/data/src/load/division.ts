import type { Dataset } from '../datasets/dataset.js'
import type { ItemTransform } from '../transform/item-transform.js'
import { isLight, type StepSpec, stepSpec } from '../transform/movable.js'
import { Pipeline } from '../transform/pipeline.js'
import type { Transform } from '../transform/transform.js'
import type { Recipe } from './crew.js'
import type { SampleSteps } from './finish-sample.js'

/** Which of the steps of a sample run on this thread before, in threads, and here again after. */
export interface Division {
  /** The first steps of each pipeline; undefined where samples come ready from their data set. */
  readonly before: readonly Pipeline[] | undefined
  /** What threads do, as they make it again, and as it is here. */
  readonly recipe: Recipe
  readonly moved: SampleSteps
  readonly after: readonly ItemTransform[]
  /** Whether a step among the moved ones is worth a thread. */
  readonly heavy: boolean
}

/**
 * Divides the steps of a sample: what `movable` knows goes to threads, from the last other step of each pipeline to
 * the first other one among the item transforms. Undefined where nothing is left for the threads.
 */
export function divide(dataset: Dataset, itemTfms: readonly ItemTransform[]): Division | undefined {
  const pipelines = dataset.recipe?.pipelines.map(({ transforms }) => divided(transforms))
  const specs = leading(itemTfms.map(stepSpec))
  const moved = {
    ...(pipelines && { pipelines: pipelines.map((p) => new Pipeline(p.tail)) }),
    itemTfms: itemTfms.slice(0, specs.length),
  }
  const steps = [...(pipelines?.flatMap((p) => p.tail) ?? []), ...moved.itemTfms]
  if (steps.length === 0) return undefined
  return {
    before: pipelines?.map((p) => new Pipeline(p.head)),
    recipe: { ...(pipelines && { pipelines: pipelines.map((p) => p.specs) }), itemTfms: specs },
    moved,
    after: itemTfms.slice(specs.length),
    heavy: steps.some((step) => !isLight(step)),
  }
}

/** Who runs which step, in words; nothing where all of it is done on this thread. */
export function divisionText(dataset: Dataset, itemTfms: readonly ItemTransform[]): string | undefined {
  const division = divide(dataset, itemTfms)
  if (!division?.heavy) return undefined
  const { before = [], moved, after } = division
  const names = (pipelines: readonly Pipeline[], tfms: readonly ItemTransform[]) =>
    [...pipelines.flatMap((p) => p.transforms), ...tfms].map((t) => t.name).join(', ')
  const here = names(before, after)
  return `Worker threads do ${names(moved.pipelines ?? [], moved.itemTfms)}${here && `; this one does ${here}`}`
}

function divided(transforms: readonly Transform[]) {
  const specs = leading([...transforms].reverse().map(stepSpec)).reverse()
  const n = transforms.length - specs.length
  return { head: transforms.slice(0, n), tail: transforms.slice(n), specs }
}

function leading(specs: readonly (StepSpec | undefined)[]): StepSpec[] {
  const end = specs.indexOf(undefined)
  return (end < 0 ? specs : specs.slice(0, end)) as StepSpec[]
}
