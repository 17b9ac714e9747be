import { Mish, tf, useEngine } from '@espalier/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { archOf, archSpec } from './arch-spec.js'
import { mobilenetV2 } from './mobilenet-v2.js'
import { metaOf, registerArch } from './model-meta.js'
import { resnet18 } from './resnet.js'
import { arch } from './vision-model.js'
import { withOptions } from './with-options.js'
import { type XResNetOptions, xresnet18, xresnet50 } from './xresnet.js'

beforeAll(async () => {
  await useEngine('cpu')
})

const small = { widen: 0.25, stemSzs: [8, 8, 16] } as const satisfies XResNetOptions
const printed = (options: XResNetOptions, net = xresnet18) => {
  using model = net({ ...small, ...options })
  const shape = tf.tidy(() => model.eval().forward(tf.zeros([1, 32, 32, options.cIn ?? 3])).shape)
  return { text: String(model), shape, names: [...model.weights()].map((w) => w.path) }
}

describe('an xresnet', () => {
  it.each<[string, XResNetOptions, RegExp]>([
    ['Mish by name', { act: 'mish' }, /Mish\(\)/],
    ['an activation of one’s own', { act: () => new Mish() }, /Mish\(\)/],
    ['attention after the first stage', { sa: true }, /SimpleSelfAttention/],
    ['blurring', { antiAlias: true }, /BlurPool2d\(stride=2\)/],
    ['more channels', { cIn: 5 }, /Conv2d\(5, 8/],
    ['other kernels', { ks: 5 }, /kernel_size=\(5, 5\)/],
    ['dropout', { p: 0.3 }, /Dropout\(p=0.3/],
    ['squeezing', { reduction: 4 }, /SequentialEx/],
    ['groups', { groups: 4 }, /groups=4/],
    ['instance norm', { normType: 'instance' }, /InstanceNorm2d/],
    ['a pool after the shortcut', { poolFirst: false }, /AvgPool2d/],
  ])('is made with %s', (_, options, has) => {
    const { text, shape } = printed(options)
    expect(text).toMatch(has)
    expect(shape).toEqual([1, 1000])
  })

  it('has attention in the first stage only, and blurs without a weight more', () => {
    const attends = printed({ sa: true }, xresnet50).names.filter((path) => path.includes('gamma'))
    expect(attends).toEqual(['4.2.convpath.3.gamma'])
    expect(printed({ antiAlias: true }).names).toEqual(printed({}).names)
    expect(printed({ antiAlias: true }).text).not.toMatch(/Conv2d\(.*stride=\(2, 2\)|AvgPool2d\(kernel/)
  })

  it.each<[XResNetOptions, string]>([
    [{ ks: 4 }, 'xResNet: the kernel must be odd, got 4'],
    [{ act: 'smish' as never }, 'there is no activation string "smish"\n  → one of relu, relu6, mish'],
    [{ act: 'toString' as never }, 'there is no activation'],
    [{ widen: 0 }, 'widen must be a number of up to 16, got 0\n  → widen: 0.5 halves the channels'],
    [{ stemSzs: [8, 8, 18] }, 'must divide by the expansion'],
  ])('refuses %j', (options, message) => {
    expect(() => xresnet50({ ...small, ...options })).toThrow(message)
  })
})

describe('withOptions', () => {
  it('settles options, which may be added to, and keeps what is known of the architecture', () => {
    const slim = withOptions(withOptions(xresnet18, small), { numClasses: 4 })
    expect(metaOf(slim)).toBe(metaOf(xresnet18))
    using net = slim({ numClasses: 6 })
    expect(tf.tidy(() => net.eval().forward(tf.zeros([1, 32, 32, 3])).shape)).toEqual([1, 6])
    expect(slim.options).toEqual({ ...small, numClasses: 4 })
  })

  it('is written down and read again', () => {
    const slim = withOptions(xresnet18, { ...small, sa: true, act: 'mish' })
    const spec = archSpec(slim)!
    expect(spec).toEqual({ arch: 'xresnet18', archOptions: { ...small, sa: true, act: 'mish' } })
    expect(archOf(JSON.parse(JSON.stringify(spec))).options).toEqual(slim.options)
    expect(archSpec(resnet18)).toEqual({ arch: 'resnet18' })
    expect(archSpec(withOptions(xresnet18, { act: () => new Mish() }))).toBeUndefined()
  })

  it.each([
    { widen: 16 },
    { widen: -1 },
    { ks: 1001 },
    { stemSzs: [8, 8, 1e9] },
    { act: { code: 'x' } },
    { stemSzs: new Array(17).fill(1) },
    { p: 'NaN', groups: 1e6 },
  ])('options of a file that ask for too much are refused: %j', (archOptions) => {
    const spec = { arch: 'xresnet18', archOptions: archOptions as never }
    expect(() => archOf(spec)).toThrow("the options of 'xresnet18' are more than can be meant")
  })
})

describe('registerArch', () => {
  it('knows an architecture of one’s own with as little as is said of it', () => {
    const mine = arch('test-with-options', (options) => resnet18({ widen: 0.125, ...options }))
    registerArch(mine)
    expect(Object.keys(metaOf(mine))).toEqual(['split'])
    registerArch(mine, { cut: -2 })
    expect(metaOf(withOptions(mine, { numClasses: 2 })).cut).toBe(-2)
    expect(() =>
      registerArch(
        arch('resnet18', () => mine()),
        {},
      ),
    ).toThrow("there already is an architecture 'resnet18'")
    expect(metaOf(mobilenetV2).keyMap).toBeDefined()
  })
})
