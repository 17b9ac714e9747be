/** A thread that finishes samples. */
import { parentPort } from 'node:worker_threads'
import type { Begun } from '../../load/crew.js'
import { finishSample, type SampleSteps } from '../../load/finish-sample.js'
import { packed } from '../../load/packed.js'
import { Random } from '../../random/random.js'
import { failureOf } from './failure.js'
import { makeSteps } from './make-steps.js'
import type { Order, Report } from './messages.js'

const port = parentPort
if (!port) throw new Error('this module is for worker threads')
const recipes = new Map<number, Promise<SampleSteps>>()

port.on('message', (order: Order) => {
  if (order.do === 'forget') recipes.delete(order.recipe)
  else if (order.do === 'make') make(order.recipe, makeSteps(order.steps))
  else void finish(order.job, recipes.get(order.recipe)!, order.begun)
})
say({ say: 'hello' })

function make(recipe: number, steps: Promise<SampleSteps>): void {
  recipes.set(recipe, steps)
  steps.then(
    () => say({ say: 'made', recipe }),
    (error) => say({ say: 'made', recipe, failure: failureOf(error) }),
  )
}

async function finish(
  job: number,
  steps: Promise<SampleSteps>,
  { values, split, seed, epoch, index, position }: Begun,
): Promise<void> {
  try {
    const random = new Random(seed, 'sample', epoch, index)
    random.moveTo(position)
    const made = packed(await finishSample(await steps, values, { split, random }))
    if (made)
      handOver({ say: 'finished', job, elements: made.value, position: random.position }, made.buffers)
    else say({ say: 'stays', job })
  } catch (error) {
    say({ say: 'failed', job, failure: failureOf(error) })
  }
}

/** Some memory, such as what a library allocated itself, cannot be handed over; it is copied. */
function handOver(report: Report, buffers: ReadonlySet<ArrayBuffer>): void {
  try {
    port!.postMessage(report, [...buffers])
  } catch {
    say(report)
  }
}

function say(report: Report): void {
  port!.postMessage(report)
}
