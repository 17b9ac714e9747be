import type { Callback } from './callback.js'
import { batchEvents, type EventName } from './events.js'
import type { Learner } from './learner.js'

/** A part of the loop: what happens in it, in order, then the event of its being cancelled, then its end. */
interface Part {
  readonly name: 'Fit' | 'Epoch' | 'Train' | 'Validate' | 'Batch' | 'Backward' | 'Step'
  /** Default: the name. */
  readonly title?: string
  readonly inside: readonly (Part | EventName | string)[]
}

const validBatch: Part = {
  name: 'Batch',
  title: 'for each batch of dls.valid',
  inside: ['pred = model(x)', 'afterPred', 'loss = lossFunc(pred, y)', 'afterLoss'],
}
const trainBatch: Part = {
  name: 'Batch',
  title: 'for each batch of dls.train',
  inside: [
    ...validBatch.inside,
    { name: 'Backward', inside: ['gradients of lossGrad'] },
    { name: 'Step', inside: ['opt.step(grads)'] },
  ],
}
const loop: Part = {
  name: 'Fit',
  inside: [
    {
      name: 'Epoch',
      title: 'for each epoch',
      inside: [
        { name: 'Train', inside: [trainBatch] },
        { name: 'Validate', inside: [validBatch] },
      ],
    },
  ],
}

/**
 * The training loop with the callbacks that hear each event, in the order they run (fastai's `show_training_loop`).
 * What a cancel leads to is marked with `?`.
 */
export function showTrainingLoop(learn: Learner): string {
  return lines(learn, loop, true).join('\n')
}

function lines(learn: Learner, { name, title = name, inside }: Part, training: boolean): string[] {
  const event = (before: string, mark = '') =>
    eventLine(learn, `${before}${name}` as EventName, training, mark)
  const within = inside.flatMap((step) => {
    if (typeof step !== 'string') return lines(learn, step, name === 'Validate' ? false : training)
    return isEvent(step) ? [eventLine(learn, step, training)] : [step]
  })
  return [
    title,
    ...[event('before'), ...within, event('afterCancel', '?'), event('after')].map((line) => `  ${line}`),
  ]
}

function isEvent(step: string): step is EventName {
  return batchEvents.has(step as EventName)
}

function eventLine(learn: Learner, event: EventName, training: boolean, mark = ''): string {
  const sits = (cb: Callback) => batchEvents.has(event) && (training ? cb.runTrain : cb.runValid) === false
  const hearing = learn.orderedCbs(event).filter((cb) => cb.run !== false && !sits(cb))
  return `- ${event}${mark}${hearing.length > 0 ? `: ${hearing.map((cb) => cb.name).join(', ')}` : ''}`
}
