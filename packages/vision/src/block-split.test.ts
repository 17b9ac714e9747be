import { type AnyModule, Sequential, useEngine, withoutInit } from '@espalier/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { blockSplit } from './block-split.js'
import { createBody } from './body.js'
import { createHead } from './head.js'
import { archByName, type BodyAndHead, metaOf, modelMeta } from './models/model-meta.js'
import type { Arch } from './models/vision-model.js'
import { withOptions } from './models/with-options.js'
import type { XResNetOptions } from './models/xresnet.js'

beforeAll(async () => {
  await useEngine('cpu')
})

async function grafted(name: string): Promise<BodyAndHead> {
  const options: XResNetOptions = { widen: 0.25, ...(/^x.*next/.test(name) && { groups: 4 }) }
  const arch = withOptions(archByName(name) as Arch<XResNetOptions>, options)
  const { cut } = metaOf(arch)
  const body = await createBody(
    withoutInit(() => arch()),
    { ...(cut !== undefined && { cut }) },
  )
  return new Sequential([body, withoutInit(() => createHead(8, 2))]) as unknown as BodyAndHead
}

describe('blockSplit', () => {
  it.each([
    ['resnet18', 1 + 8 + 1],
    ['resnet34', 1 + 16 + 1],
    ['xresnet50', 1 + 16 + 1],
    ['mobilenet_v2', 1 + 17 + 1],
    ['densenet121', 1 + 4 + 1],
    ['squeezenet1_1', 1 + 8 + 1],
    ['vgg16_bn', 5 + 1],
    ['alexnet', 3 + 1],
    ['convnext_tiny', 1 + 18 + 1],
    ['efficientnet_b0', 1 + 16 + 1],
  ])('divides %s into %i groups: stem, blocks, head', async (name, groups) => {
    using model = await grafted(name)
    const paths = new Map([...(model as AnyModule).weights()].map((w) => [w.variable, w.path]))
    const split = blockSplit(model)
    expect(split).toHaveLength(groups)
    // In order, all of them, once.
    expect(split.flat().map((v) => paths.get(v))).toEqual(model.parameters().map((v) => paths.get(v)))
    expect(split.at(-1)!.map((v) => paths.get(v)!.split('.')[0])).toEqual(split.at(-1)!.map(() => '1'))
  })

  it('leaves out no parameter of any architecture', async () => {
    for (const { archName } of modelMeta.keys()) {
      if (/101|152|154|deep/.test(archName)) continue // The same blocks, more of them.
      using model = await grafted(archName)
      expect(new Set(blockSplit(model).flat()), archName).toEqual(new Set(model.parameters()))
    }
  })
})
