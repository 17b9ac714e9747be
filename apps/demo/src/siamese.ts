import { accuracy, crossEntropyFlat, Learner, lrSlice, Module, params, tf } from '@espalier/core'
import { DataLoaders, datasets } from '@espalier/data'
import {
  createBody,
  createHead,
  imagenetStats,
  intToFloat,
  mobilenetV2,
  normalize,
  resize,
  SiameseTransform,
  siameseGrid,
  siamesePipelines,
  toTensor,
} from '@espalier/vision'
import type { Demo } from './demo.js'
import { everyFifth, petPhotos } from './pet-photos.js'

const labelFunc = (path: string) => /([^/\\]+)_\d+\.jpg$/.exec(path)![1]!

class SiameseModel extends Module<[tf.Tensor4D, tf.Tensor4D], tf.Tensor2D> {
  constructor(
    readonly encoder: Module<[tf.Tensor4D], tf.Tensor4D>,
    readonly head: Module<[tf.Tensor4D], tf.Tensor2D>,
  ) {
    super()
  }
  forward(x1: tf.Tensor4D, x2: tf.Tensor4D) {
    return this.head.forward(tf.concat([this.encoder.forward(x1), this.encoder.forward(x2)], 3))
  }
}

const splitter = (model: SiameseModel) => [params(model.encoder), params(model.head)]

export const siamese: Demo = {
  about: 'whether two photos show the same breed: a model of your own over one pretrained body',
  async run(options) {
    const { out, small = false } = options
    const files = await petPhotos({ ...options, small: false }) // Ten breeds are too few to learn it by.
    const [train, valid] = everyFifth()(files)
    const splits = [new Array(small ? 2 : 4).fill(train).flat(), valid] as const // Photos are few: four partners each.
    const tfm = new SiameseTransform(files, labelFunc, splits)
    const tls = await datasets(files, siamesePipelines(tfm), { splits })
    const itemTfms = [resize(128), toTensor()]
    const batchTfms = [intToFloat(), normalize(imagenetStats)]
    const dls = DataLoaders.fromDsets(tls, { bs: 32, itemTfms, batchTfms, render: siameseGrid })
    await dls.showBatch({ maxN: 6 }).save(`${out}/batch.png`)
    const model = new SiameseModel(await createBody(mobilenetV2), createHead(1280 * 2, 2, { ps: 0.5 }))
    using learn = new Learner(dls, model, { lossFunc: crossEntropyFlat, splitter, metrics: [accuracy] })
    learn.freeze()
    await learn.fitOneCycle(small ? 3 : 4, 3e-3)
    learn.unfreeze()
    await learn.fitOneCycle(small ? 2 : 4, lrSlice(1e-6, 1e-4))
    await learn.showResults({ maxN: 6 }).save(`${out}/results.png`)
    const pairs = dls.testDl(tfm.pairs({ perFile: 4 }), { withLabels: true })
    const { accuracy: right = 0 } = await learn.validate(pairs)
    const least = small ? 0.6 : 0.7
    return { text: `accuracy ${right.toFixed(3)} of ${pairs.n} pairs, at least ${least}`, ok: right >= least }
  },
}
