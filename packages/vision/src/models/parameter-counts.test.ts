import { type AnyModule, useEngine, withoutInit } from '@espalier/core'
import { beforeAll, expect, it } from 'vitest'
import { archByName, modelMeta } from './model-meta.js'

beforeAll(async () => {
  await useEngine('cpu') // Zeros that are never written cost nothing there.
})

const count = (module: AnyModule) => module.parameters().reduce((n, p) => n + p.size, 0)

/** With 1000 classes: torchvision's published `num_params`; of fastai's own networks, what fastai 2.8.12 makes. */
const published: Readonly<Record<string, number>> = {
  alexnet: 61_100_840,
  convnext_tiny: 28_589_128,
  densenet121: 7_978_856,
  densenet161: 28_681_000,
  densenet169: 14_149_480,
  densenet201: 20_013_928,
  efficientnet_b0: 5_288_548,
  mobilenet_v2: 3_504_872,
  resnet18: 11_689_512,
  resnet34: 21_797_672,
  resnet50: 25_557_032,
  resnet101: 44_549_160,
  resnet152: 60_192_808,
  resnext50_32x4d: 25_028_904,
  resnext101_32x8d: 88_791_336,
  resnext101_64x4d: 83_455_272,
  squeezenet1_0: 1_248_424,
  squeezenet1_1: 1_235_496,
  vgg11_bn: 132_868_840,
  vgg13_bn: 133_053_736,
  vgg16_bn: 138_365_992,
  vgg19_bn: 143_678_248,
  wide_resnet50_2: 68_883_240,
  wide_resnet101_2: 126_886_696,
  xresnet101: 44_568_392,
  xresnet152: 60_212_040,
  xresnet18: 11_708_744,
  xresnet18_deep: 14_535_496,
  xresnet18_deeper: 10_995_528,
  xresnet34: 21_816_904,
  xresnet34_deep: 24_643_656,
  xresnet34_deeper: 27_005_000,
  xresnet50: 25_576_264,
  xresnet50_deep: 29_147_976,
  xresnet50_deeper: 31_382_344,
  xresnext101: 44_196_936,
  xresnext18: 13_555_784,
  xresnext34: 23_983_304,
  xresnext50: 25_048_136,
  xse_resnet101: 236_065_848,
  xse_resnet152: 326_074_360,
  xse_resnet18: 11_798_856,
  xse_resnet34: 21_979_648,
  xse_resnet50: 126_777_336,
  xse_resnext101: 48_974_648,
  xse_resnext18: 13_645_896,
  xse_resnext18_deep: 16_011_368,
  xse_resnext18_deeper: 12_335_448,
  xse_resnext34: 24_146_048,
  xse_resnext34_deep: 26_511_520,
  xse_resnext34_deeper: 22_835_600,
  xse_resnext50: 27_579_128,
  xse_resnext50_deep: 31_695_736,
  xse_resnext50_deeper: 27_930_424,
}

it.each(Object.entries(published))('%s has %i parameters', (name, parameters) => {
  using net = withoutInit(() => archByName(name)())
  expect(count(net)).toBe(parameters)
})

it('nothing of the registry is left out, but for what fastai cannot make', () => {
  const names = [...modelMeta.keys()].map((arch) => arch.archName)
  const ours = names.filter((name) => !name.startsWith('test-')) // Other tests may have registered their own.
  expect(ours.filter((name) => !(name in published))).toEqual(['xsenet154'])
})
