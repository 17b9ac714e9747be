import { ResBlock, type ResBlockOptions } from './res-block.js'

/** Makes a block from `ni`·expansion to `nf`·expansion channels. */
export type BlockKind = (expansion: number, ni: number, nf: number, options?: ResBlockOptions) => ResBlock

/** A plain {@link ResBlock}. */
export const resBlock: BlockKind = (expansion, ni, nf, options) => new ResBlock(expansion, ni, nf, options)

/** A block that squeezes and excites (fastai's `SEBlock`); reduction 16 unless told otherwise. */
export const seBlock: BlockKind = (expansion, ni, nf, options) =>
  new ResBlock(expansion, ni, nf, { reduction: 16, ...options, nh1: nf * 2, nh2: nf * expansion })

/** The same with grouped convolutions, 32 groups unless told otherwise (fastai's `SEResNeXtBlock`). */
export const seResNeXtBlock: BlockKind = (expansion, ni, nf, options) => {
  const { groups = 32 } = options ?? {}
  const baseWidth = 4
  const nh2 = Math.floor(nf * (baseWidth / 64)) * groups
  return new ResBlock(expansion, ni, nf, { reduction: 16, ...options, groups, nh2 })
}

/** The same with filters for each channel by itself (fastai's `SeparableBlock`). */
export const separableBlock: BlockKind = (expansion, ni, nf, options) =>
  new ResBlock(expansion, ni, nf, { reduction: 16, ...options, nh2: nf * 2, dw: true })
