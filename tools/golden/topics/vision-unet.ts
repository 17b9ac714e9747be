import {
  type AnyModule,
  AvgPool2d,
  crossEntropyFlat,
  hookOutputs,
  icnrInit,
  MaxPool2d,
  modelSizes,
  record,
  resBlock,
  Sequential,
  tf,
  withoutInit,
} from '@espalier/core'
import type { GoldenCase } from '@espalier/testkit'
import {
  archByName,
  createUnetModel,
  DynamicUnet,
  metaOf,
  modelMeta,
  UnetBlock,
  type UnetBlockOptions,
  type UnetOptions,
} from '@espalier/vision'
import { activation } from '../activations.js'
import { type Check, checkPrinted, checkTensor, checkValue, inputTensor, toNchw, unmet } from '../check.js'
import { bound, type PythonCall, parseCalls } from '../python-call.js'
import { loadFormula } from '../tiny-model.js'
import { camelCased, checkModule, countValues, listed } from './modules.js'
import { moments } from './vision-arch.js'
import { blockOf, convOf, normOf, shuffleOf } from './vision-layers.js'

type Config = Readonly<Record<string, unknown>>

/** The first filters of an up-sampling convolution. */
export function runIcnr(golden: GoldenCase): Check[] {
  const { x_shape: shape, scale } = golden.json.config as { x_shape: number[]; scale?: number }
  const [nOut, nIn, h, w] = shape as [number, number, number, number]
  const checks: Check[] = []
  tf.tidy(() => {
    const kernel = () => tf.transpose(tensorOf(golden, 'k'), [2, 3, 1, 0])
    const filters = tf.transpose(icnrInit([h, w, nIn, nOut], scale, kernel), [3, 2, 0, 1])
    checks.push(checkTensor(golden, 'weight', filters))
  })
  return [...checks, ...unmet(golden, ['weight'])]
}

/** An up-sampling layer by itself. */
export function runPixelShuffle(golden: GoldenCase): Check[] {
  using layer = shuffleOf(golden.json.config)
  return checkModule(golden, layer)
}

/** One block of a decoder: outputs, and the gradients of the mean of their squares. */
export function runUnetBlock(golden: GoldenCase): Check[] {
  const { up_in_c, x_in_c, ...config } = golden.json.config
  using block = new UnetBlock(up_in_c as number, x_in_c as number, optionsOf<UnetBlockOptions>(config))
  loadFormula(block, golden)
  const checks = checkPrinted(golden, String(block))
  tf.tidy(() => {
    const inputs = ['up_in', 'skip'].map((name) => inputTensor(golden, name) as tf.Tensor4D)
    const run = () => block.forward(inputs[0]!, inputs[1]!)
    block.eval()
    checks.push(checkTensor(golden, 'eval', toNchw(run())))
    block.train()
    const { result, tape } = record(() => {
      const y = run()
      return { y, loss: tf.mean(tf.square(y)) }
    })
    checks.push(checkTensor(golden, 'train', toNchw(result.y)))
    const [up, skip] = tape.backward(result.loss, inputs)
    checks.push(
      checkTensor(golden, 'grad.up_in', toNchw(up!)),
      checkTensor(golden, 'grad.skip', toNchw(skip!)),
    )
  })
  return [...checks, ...unmet(golden, ['eval', 'train', 'grad.up_in', 'grad.skip'])]
}

/** The parameter groups that the splitter of an architecture makes of a U-Net. */
export async function runUnetSplitter(golden: GoldenCase): Promise<Check[] | undefined> {
  const model = await unetOf(golden)
  if (!model) return undefined
  using unet = model
  const groups = metaOf(archByName(golden.json.config['arch'] as string)).split(unet.bodyAndHead())
  const names = new Map([...unet.weights()].map((w) => [w.variable, w.path]))
  const got: Readonly<Record<string, unknown>> = {
    groups: groups.map((group) => group.map((v) => names.get(v))),
    n_values: groups.map((group) => group.reduce((n, v) => n + v.size, 0)),
    layers: [...unet.layers.layers.map((layer) => layer.kind), ...unwrapping],
  }
  return [
    ...Object.keys(got).map((key) => checkValue(golden, key, got[key])),
    ...unmet(golden, Object.keys(got)),
  ]
}

/** fastai's last layer takes its tensor subclass off; ours are plain. */
const unwrapping = ['ToTensorBase']
const unwrappingPrinted = /\n {4}\(\d+\): ToTensorBase\([^\n]*\)(?=\n)/

/** A whole U-Net: names, sizes, printed form, every layer's output, and in train mode loss and gradients. */
export async function runUnet(golden: GoldenCase): Promise<Check[] | undefined> {
  const model = await unetOf(golden)
  if (!model) return undefined
  using unet = model
  loadFormula(unet, golden)
  const { expected, printed, init } = golden.json
  const names = init?.state_dict.map(([key, shape]) => [key, shape])
  const all: Readonly<Record<string, () => Check[]>> = {
    encoder_sizes: () => [checkValue(golden, 'encoder_sizes', encoderSizes(golden, unet))],
    skip_idxs: () => [
      checkValue(
        golden,
        'skip_idxs',
        unet.plan.skips.map((s) => s.part),
      ),
    ],
    n_params: () => [checkValue(golden, 'n_params', countValues(unet))],
    skip_shapes: () => [checkValue(golden, 'skip_shapes', skipShapes(golden, unet))],
    trace: () => checkTrace(golden, unet),
    out: () => [],
    train: () => checkTrain(golden, unet),
    train_out: () => [],
  }
  unet.eval()
  const done = Object.keys(all).filter((key) => key in expected)
  return [
    ...checkPrinted(golden, String(unet), printed?.replace(unwrappingPrinted, '')),
    checkValue(golden, 'state_dict', listed(unet), names),
    ...done.flatMap((key) => all[key]!()),
    ...unmet(golden, done),
  ]
}

/** The U-Net of a case; undefined where the library lacks its architecture. */
async function unetOf({ json: { config } }: GoldenCase): Promise<DynamicUnet | undefined> {
  const { arch, made: _, encoder, c, w, img_size, n_out, pretrained: __, n_in, ...rest } = config
  const [size, nOut, options] = [img_size as [number, number], n_out as number, optionsOf<UnetOptions>(rest)]
  if (arch === undefined) return new DynamicUnet(encoderOf(encoder as string, { c, w }), nOut, size, options)
  if (![...modelMeta.keys()].some((a) => a.archName === arch)) return undefined
  const nIn = (n_in as number | undefined) ?? 3
  const made = { ...options, nIn, pretrained: false }
  return withoutInit(() => createUnetModel(archByName(arch as string), nOut, size, made))
}

const known = ['blur', 'blurFinal', 'selfAttention', 'finalDiv', 'yRange', 'lastCross', 'bottle']

function optionsOf<T>(config: Config): T {
  const { actCls, normType, init: _, ...options } = camelCased<Record<string, unknown>>(config)
  const unknown = Object.keys(options).find((key) => !known.includes(key))
  if (unknown) throw new Error(`the golden runner knows no option '${unknown}' of a U-Net`)
  return {
    ...options,
    ...(actCls !== undefined && { act: () => activation(actCls as string) }),
    ...('norm_type' in config && { normType: normOf(normType as string | undefined) }),
  } as T
}

/** Builds `Sequential(ConvLayer(c,w0,stride=2), …)`, where `w0` is the first of the widths. */
function encoderOf(text: string, { c, w }: Config): Sequential<[tf.Tensor4D], tf.Tensor4D> {
  const sized = text.replace(/\bw(\d+)\b/g, (_, i: string) => String((w as number[])[Number(i)]))
  const [call] = parseCalls(sized.replace(/\bc\b/g, String(c)))
  if (call?.name !== 'Sequential') throw new Error(`the golden runner cannot build '${text}'`)
  return new Sequential(call.args.map((layer) => partOf(parseCalls(layer as string)[0]!)))
}

function partOf(call: PythonCall): AnyModule {
  const options = (...names: string[]) => bound(call, names)
  switch (call.name) {
    case 'ConvLayer':
      return convOf(
        options('ni', 'nf', 'ks', 'stride', 'padding', 'bias', 'ndim', 'norm_type', 'bn_1st', 'act_cls'),
      )
    case 'ResBlock':
      return blockOf(
        resBlock,
        options('expansion', 'ni', 'nf', 'stride', 'groups', 'reduction', 'nh1', 'nh2', 'dw', 'g2', 'sa'),
      )
    case 'MaxPool2d':
    case 'AvgPool2d': {
      const { kernelSize, ...rest } = camelCased<{ kernelSize: number }>(
        options('kernel_size', 'stride', 'padding', 'ceil_mode'),
      )
      return call.name === 'MaxPool2d' ? new MaxPool2d(kernelSize, rest) : new AvgPool2d(kernelSize, rest)
    }
    default:
      return activation(call.name)
  }
}

const asNchw = ([b, h, w, c]: readonly number[]) => [b, c, h, w]

function encoderSizes(golden: GoldenCase, { encoder, plan }: DynamicUnet): (number | undefined)[][] {
  const size = golden.json.config['img_size'] as [number, number]
  return modelSizes(encoder, { size, nIn: plan.nIn }).map((shape) => asNchw(shape!))
}

function skipShapes(golden: GoldenCase, unet: DynamicUnet): number[][] {
  let shapes: number[][] = []
  tf.tidy(() => {
    shapes = unet.encode(inputTensor(golden, 'x') as tf.Tensor4D).skips.map((t) => toNchw(t).shape)
  })
  return shapes
}

/** What every layer gives in eval mode, and the result. */
function checkTrace(golden: GoldenCase, unet: DynamicUnet): Check[] {
  const layers = unet.layers.layers
  const checks: Check[] = []
  tf.tidy(() => {
    const x = inputTensor(golden, 'x') as tf.Tensor4D
    // The encoder is run part by part: its last one gives what it gives.
    const heard = [lastPart(unet.encoder), ...layers.slice(1)]
    using hooks = hookOutputs<tf.Tensor>(heard)
    const out = unet.forward(x)
    const rows = hooks.stored.map((t, i) => [i, layers[i]!.kind, toNchw(t!).shape, ...moments(t!)])
    const last = [unwrapping[0], toNchw(out).shape, ...moments(out)]
    const { columns } = golden.json.expected['trace'] as { columns: string[] }
    checks.push(checkValue(golden, 'trace', { columns, rows: [...rows, [rows.length, ...last]] }))
    checks.push(checkTensor(golden, 'out', toNchw(out)))
  })
  return checks
}

const lastPart = (module: AnyModule): AnyModule =>
  module instanceof Sequential ? lastPart(module.layers.at(-1)!) : module

/** Output and loss in train mode, and the gradient norm of each layer. */
function checkTrain(golden: GoldenCase, unet: DynamicUnet): Check[] {
  const checks: Check[] = []
  const want = golden.json.expected['train'] as {
    readonly loss: number
    readonly loss_f64: number
    readonly grad_norm_per_layer_f64: readonly number[]
  }
  unet.train()
  tf.tidy(() => {
    const { result, tape } = record(() => {
      const out = unet.forward(inputTensor(golden, 'x') as tf.Tensor4D)
      return { out, loss: crossEntropyFlat(out, tensorOf(golden, 'y')) }
    })
    const loss = result.loss.dataSync()[0]
    checks.push(
      checkTensor(golden, 'train_out', toNchw(result.out)),
      checkValue(golden, 'train.loss', loss, want.loss),
      checkValue(golden, 'train.loss_f64', loss, want.loss_f64),
    )
    const variables = unet.parameters()
    const grads = new Map(tape.backward(result.loss, variables).map((g, i) => [variables[i]!, g]))
    const norms = unet.layers.layers.map((layer) =>
      Math.sqrt(layer.parameters().reduce((sum, v) => sum + sumOfSquares(grads.get(v)!), 0)),
    )
    // `grad_norm_per_layer` is what torch finds in float32, which is no better than ours.
    const near = { rtol: 1e-3, atol: golden.json.tolerance.atol }
    checks.push(
      checkValue(golden, 'train.grad_norm_per_layer', [...norms, 0], want.grad_norm_per_layer_f64, near),
    )
  })
  return checks
}

const sumOfSquares = (t: tf.Tensor): number => [...t.dataSync()].reduce((sum, v) => sum + v * v, 0)

/** An input as it is, not in our layout: class numbers, filters. */
function tensorOf(golden: GoldenCase, name: string): tf.Tensor {
  const { data, shape, dtype } = golden.input(name)
  return tf.tensor(data as Float32Array, [...shape], dtype as 'float32')
}
