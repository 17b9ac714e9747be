import {
  type AnyModule,
  GELU,
  Identity,
  Mish,
  Module,
  ReLU,
  ReLU6,
  Sigmoid,
  Swish,
  Tanh,
  tf,
} from '@espalier/core'

/** An activation of torch's that the library does not bring along, made as its users would. */
class Pointwise extends Module<[tf.Tensor], tf.Tensor> {
  constructor(
    readonly torchName: string,
    readonly options: string,
    readonly f: (x: tf.Tensor) => tf.Tensor,
  ) {
    super()
  }

  override get kind(): string {
    return this.torchName
  }

  override describe(): string {
    return this.options
  }

  forward(x: tf.Tensor): tf.Tensor {
    return this.f(x)
  }
}

const softplus = (x: tf.Tensor) => tf.add(tf.relu(x), tf.log1p(tf.exp(tf.neg(tf.abs(x)))))
const elu = (x: tf.Tensor, alpha = 1) =>
  tf.add(tf.relu(x), tf.mul(tf.sub(tf.exp(tf.neg(tf.relu(tf.neg(x)))), 1), alpha))
const hardSigmoid = (x: tf.Tensor) => tf.div(tf.relu6(tf.add(x, 3)), 6)

const pointwise: Readonly<Record<string, readonly [options: string, f: (x: tf.Tensor) => tf.Tensor]>> = {
  ELU: ['alpha=1.0', elu],
  Hardsigmoid: ['', hardSigmoid],
  Hardswish: ['', (x) => tf.mul(x, hardSigmoid(x))],
  Hardtanh: ['min_val=-1.0, max_val=1.0', (x) => tf.clipByValue(x, -1, 1)],
  LeakyReLU: ['negative_slope=0.01', (x) => tf.sub(tf.relu(x), tf.mul(tf.relu(tf.neg(x)), 0.01))],
  SELU: ['', (x) => tf.mul(elu(x, 1.6732632423543772), 1.0507009873554805)],
  Softplus: ['beta=1.0, threshold=20.0', softplus],
}

/** The activation that a case names: `Mish`, `torch.nn.ReLU()`, `<class 'torch.nn.modules.activation.Tanh'>`. */
export function activation(text: string): AnyModule {
  const name = /(\w+)(?:\(.*\)|'>)?$/.exec(text.trim())?.[1]
  if (name === 'ReLU') return new ReLU({ inplace: /inplace=True|\(True\)/.test(text) })
  if (name === 'ReLU6') return new ReLU6()
  if (name === 'Sigmoid') return new Sigmoid()
  if (name === 'Tanh') return new Tanh()
  if (name === 'Identity') return new Identity()
  if (name === 'GELU') return new GELU()
  if (name === 'Mish') return new Mish()
  if (name === 'SiLU' || name === 'Swish') return new Swish({ inplace: /inplace=True|\(True\)/.test(text) })
  const other = pointwise[name ?? '']
  if (!other || /\(.+\)$/.test(text)) throw new Error(`the golden runner cannot build '${text}'`)
  return new Pointwise(name!, ...other)
}
