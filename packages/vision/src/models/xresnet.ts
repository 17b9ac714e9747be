import {
  AdaptiveAvgPool2d,
  AvgPool2d,
  applyInit,
  convLayer,
  Dropout,
  Flatten,
  Linear,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
  tf,
} from '@espalier/core'
import { type Arch, arch, type VisionModel } from './vision-model.js'

type Images = tf.Tensor4D

/** fastai's residual block: the last norm begins at zero, the shortcut shrinks by averaging (He et al. 2018, tricks). */
class ResBlock extends Module<[Images], Images> {
  readonly convpath: Sequential<[Images], Images>
  readonly idpath: Sequential<[Images], Images>
  readonly act = new ReLU({ inplace: true })

  constructor(expansion: number, ni: number, nf: number, stride: number) {
    super()
    const [nIn, nOut] = [ni * expansion, nf * expansion]
    const last = { normType: 'batchZero', act: null } as const
    this.convpath = new Sequential(
      expansion === 1
        ? [convLayer(nIn, nf, { stride }), convLayer(nf, nOut, last)]
        : [
            convLayer(nIn, nf, { ks: 1 }),
            convLayer(nf, nf, { stride }),
            convLayer(nf, nOut, { ks: 1, ...last }),
          ],
    )
    this.idpath = new Sequential([
      ...(stride === 1 ? [] : [new AvgPool2d(stride, { ceilMode: true })]),
      ...(nIn === nOut ? [] : [convLayer(nIn, nOut, { ks: 1, act: null })]),
    ])
  }

  forward(x: Images): Images {
    return this.act.forward(tf.add<Images>(this.convpath.forward(x), this.idpath.forward(x)))
  }
}

/**
 * fastai's ResNet with a stem of three convolutions: `[b, h, w, 3]` → `[b, numClasses]`. Its parts are called `0`,
 * `1`, … up to the last linear layer, `11`.
 */
function makeXResNet(expansion: number, depths: readonly number[], numClasses = 1000): VisionModel {
  const stem = [3, 32, 32, 64]
  const widths = [64 / expansion, 64, 128, 256, 512]
  const stage = (i: number) =>
    Array.from(
      { length: depths[i]! },
      (_, k) =>
        new ResBlock(
          expansion,
          k === 0 ? widths[i]! : widths[i + 1]!,
          widths[i + 1]!,
          k === 0 && i > 0 ? 2 : 1,
        ),
    )
  const net = new Sequential<[Images], tf.Tensor2D>(
    [
      ...[0, 1, 2].map((i) => convLayer(stem[i]!, stem[i + 1]!, { stride: i === 0 ? 2 : 1 })),
      new MaxPool2d(3, { stride: 2, padding: 1 }),
      ...depths.map((_, i) => new Sequential(stage(i))),
      new AdaptiveAvgPool2d(1),
      new Flatten(),
      new Dropout(0),
      new Linear(512 * expansion, numClasses),
    ],
    'XResNet',
  )
  applyInit(net)
  return Object.assign(net, {
    stages: [net.slice(0, 3), net.slice(3, 5), net.slice(5, 6), net.slice(6, 7), net.slice(7, 8)],
    channels: [64, ...widths.slice(1).map((w) => w * expansion)],
  })
}

const xresnet = (name: string, expansion: number, depths: readonly number[]): Arch =>
  arch(name, ({ numClasses }) => makeXResNet(expansion, depths, numClasses))

/** fastai's variant of ResNet-18. */
export const xresnet18 = xresnet('xresnet18', 1, [2, 2, 2, 2])
/** fastai's variant of ResNet-34. */
export const xresnet34 = xresnet('xresnet34', 1, [3, 4, 6, 3])
/** fastai's variant of ResNet-50. */
export const xresnet50 = xresnet('xresnet50', 4, [3, 4, 6, 3])
