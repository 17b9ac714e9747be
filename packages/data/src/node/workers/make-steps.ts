import { EspalierError, reasonOf } from '../../errors.js'
import type { Recipe } from '../../load/crew.js'
import type { SampleSteps } from '../../load/finish-sample.js'
import type { ItemTransform } from '../../transform/item-transform.js'
import type { StepSpec } from '../../transform/movable.js'
import { Pipeline } from '../../transform/pipeline.js'
import type { Transform } from '../../transform/transform.js'

/** Makes the steps of a recipe again: each by the function of its name in its module. */
export async function makeSteps({ pipelines, itemTfms }: Recipe): Promise<SampleSteps> {
  return {
    ...(pipelines && {
      pipelines: await Promise.all(pipelines.map(async (specs) => new Pipeline(await all<Transform>(specs)))),
    }),
    itemTfms: await all<ItemTransform>(itemTfms),
  }
}

const all = <T>(specs: readonly StepSpec[]): Promise<T[]> =>
  Promise.all(specs.map(async (spec) => (await make(spec)) as T))

async function make({ module, name, options }: StepSpec): Promise<unknown> {
  const factory = (await imported(module, name))[name]
  if (typeof factory === 'function') return factory(options)
  throw new EspalierError('loader/module', `${module} exports no function '${name}'`, {
    fix: `export from it what makes the step '${name}', under that name`,
  })
}

async function imported(module: string, name: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(module)
  } catch (error) {
    throw new EspalierError(
      'loader/module',
      `a worker thread cannot import ${module}, the module of '${name}': ${reasonOf(error)}`,
      {
        fix: 'give movable(…) a module that can be imported by itself',
        cause: error,
      },
    )
  }
}
