import { tf, useEngine, withoutInit } from '@espalier/core'
import { beforeAll, expect, it } from 'vitest'
import {
  type Arch,
  createBody,
  DynamicUnet,
  mobilenetV2,
  modelMeta,
  planUnet,
  resnet18,
  squeezenet1_1,
} from '../index.js'

beforeAll(async () => {
  await useEngine('wasm')
})

const sizes = [
  [64, 64],
  [61, 93],
] as const

/** Small ones: `node tools/run.mjs tools/unet-sizes.ts` runs all, and larger pictures, on the native engine. */
const archs = [resnet18, squeezenet1_1, mobilenetV2]

it.each(archs.map((arch) => [arch.archName, arch] as const))(
  'a U-Net over %s gives what it gets, in size',
  async (_, arch) => {
    using body = await bodyOf(arch)
    const plan = planUnet(body, 3, [64, 64])
    expect(plan.skips.length).toBeGreaterThanOrEqual(3)
    for (const [i, { part, channels }] of plan.skips.entries()) {
      expect(part).toBeLessThan(plan.skips[i - 1]?.part ?? Number.POSITIVE_INFINITY)
      expect(channels).toBeGreaterThan(0)
    }
    using unet = withoutInit(() => new DynamicUnet(body, 2, plan))
    unet.eval()
    for (const [h, w] of sizes) {
      tf.tidy(() => {
        expect(unet.forward(tf.zeros([1, h, w, 3])).shape).toEqual([1, h, w, 2])
      })
    }
  },
)

async function bodyOf(arch: Arch) {
  const { cut } = modelMeta.get(arch)!
  return createBody(
    withoutInit(() => arch()),
    { ...(cut !== undefined && { cut }), pretrained: false },
  )
}
