import { useEngine, withoutInit } from '@espalier/core'
import { beforeAll, expect, it } from 'vitest'
import { createBody, DynamicUnet, planUnet, resnet18, resnet34, resnet50 } from '../index.js'

beforeAll(async () => {
  await useEngine('wasm')
})

it.each([
  ['resnet18', resnet18, 2, 31_113_008],
  ['resnet34', resnet34, 32, 41_224_168],
  ['resnet50', resnet50, 32, 339_078_760],
] as const)('a U-Net over %s has as many weights as fastai counts', async (_, arch, nOut, count) => {
  using body = await createBody(
    withoutInit(() => arch()),
    { cut: -2 },
  )
  const plan = planUnet(body, 3, [64, 64])
  using unet = withoutInit(() => new DynamicUnet(body, nOut, plan))
  expect(unet.parameters().reduce((n, p) => n + p.size, 0)).toBe(count)
})
