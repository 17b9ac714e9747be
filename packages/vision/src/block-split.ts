import {
  AdaptiveAvgPool2d,
  type AnyModule,
  AvgPool2d,
  MaxPool2d,
  type ParamGroups,
  params,
  Sequential,
} from '@espalier/core'
import type { BodyAndHead } from './models/model-meta.js'

/**
 * A group for the stem of a body, one for each of its blocks, and one for the head: a splitter for rates that fall
 * block by block. Where a body has no blocks (VGG, AlexNet), a group begins at each pool.
 *
 * @example
 * const learn = await visionLearner(dls, resnet34, { splitter: blockSplit }) // 1 + 16 + 1 groups
 * learn.freezeTo(-3)
 */
export function blockSplit(model: BodyAndHead): ParamGroups {
  const [body, ...head] = model.layers as [AnyModule, ...AnyModule[]]
  const parts = partsOf(body)
  const blocks = parts.some(isBlock)
  const groups: AnyModule[][] = [[]]
  for (const part of parts) {
    if (blocks ? isBlock(part) : isPool(part)) groups.push([])
    groups.at(-1)!.push(part)
  }
  const filled = groups.map((group) => group.flatMap(params)).filter((group) => group.length > 0)
  return [...filled, head.flatMap(params)]
}

/** What a body is made of, one after the other: sequences are opened, and what they hold taken out. */
function partsOf(module: AnyModule): AnyModule[] {
  if (!(module instanceof Sequential) || isLayer(module)) return [module]
  return module.layers.flatMap(partsOf)
}

/** A convolution with its norm and activation is one layer, though it is made as a sequence. */
const isLayer = (module: AnyModule): boolean =>
  /^(ConvLayer|Conv2dNormActivation|_Transition)$/.test(module.kind)

const isBlock = (module: AnyModule): boolean => !isLayer(module) && [...module.children()].length > 0

const isPool = (module: AnyModule): boolean =>
  [MaxPool2d, AvgPool2d, AdaptiveAvgPool2d].some((pool) => module instanceof pool)
