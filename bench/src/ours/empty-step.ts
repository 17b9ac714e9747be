import { Learner, Module, mseLossFlat, param, record, sgd, tf } from '@espalier/core'
import { DataLoader, DataLoaders, type Dataset, datasets, ndArray } from '@espalier/data'
import { summarizeSteps } from '../statistics.js'
import type { Found } from './work.js'

const [warmup, rounds, steps] = [2, 12, 500]

/** One number that everything is multiplied with: as little as a model can be. */
class Scale extends Module<[tf.Tensor], tf.Tensor> {
  readonly weight = param(tf.scalar(0.5))

  forward(x: tf.Tensor): tf.Tensor {
    return tf.mul(x, this.weight)
  }
}

/** What a training step costs besides its kernels: steps of a learner less the same steps by hand. */
export async function emptyStep(): Promise<Found> {
  const sample = [ndArray('float32', [1], [1]), ndArray('float32', [1], [1])]
  const dataset: Dataset = { length: steps, sample: async () => sample, id: String }
  const dl = (split: number) => new DataLoader(dataset, { bs: 1, split })
  const dls = new DataLoaders(dl(0), new DataLoader({ ...dataset, length: 0 }), {
    datasets: await datasets<never>([], []),
  })
  const lossFunc = mseLossFlat()
  using learn = new Learner(dls, new Scale(), { lossFunc, optFunc: sgd(), verbose: false })
  const whole: number[] = []
  const kernels: number[] = []
  for (let round = 0; round < warmup + rounds; round++) {
    const began = performance.now()
    await learn.fit(1, 1e-3)
    const middle = performance.now()
    for (let i = 0; i < steps; i++) byHand(learn, lossFunc)
    const end = performance.now()
    whole.push((middle - began) / steps / 1000)
    kernels.push((end - middle) / steps / 1000)
  }
  const { median_step_s: least } = summarizeSteps(kernels, warmup, 1)
  const beyond = whole.map((s) => s - least)
  return { ...summarizeSteps(beyond, warmup, 1), items: 'steps', kernels_s: least }
}

/** The kernels of a step, and nothing else. */
function byHand({ model, opt }: Learner<Scale>, lossFunc: ReturnType<typeof mseLossFlat>): void {
  tf.tidy(() => {
    const [x, y] = [tf.tensor([1], [1, 1]), tf.tensor([1], [1, 1])]
    const { result: loss, tape: recorded } = record(() => lossFunc(model.forward(x), y))
    using tape = recorded
    loss.dataSync()
    const [grad] = tape.backward(loss, opt.trainable)
    opt.step(new Map([[model.weight as tf.Variable, grad!]]))
  })
}
