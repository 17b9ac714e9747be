import { type AnyModule, registerPart, Sequential, withoutInit } from '@espalier/core'
import { EspalierError, type Json, type Portable } from '@espalier/data'
import { cutModel, disposeRest } from './body.js'
import { replaceFirstConv } from './first-conv.js'
import { createHead, type HeadOptions } from './head.js'
import { type ArchSpec, archOf, archSpec } from './models/arch-spec.js'
import { type Cut, metaOf } from './models/model-meta.js'
import type { Arch } from './models/vision-model.js'
import { networkFor } from './network-for.js'
import { untoldOf } from './untold-of.js'

const name = 'visionModel'

/** The size of a head and the options that shape it. */
export interface HeadShape extends HeadOptions {
  readonly nf: number
  readonly nOut: number
}

/** What a bundle says of a grafted model. */
export interface DescribedModel extends ArchSpec {
  readonly cut?: Cut
  readonly nIn: number
  readonly head: HeadShape
}

/** How a grafted model is written into an exported bundle: the names and sizes that make the same layers again. */
export function portableModel(arch: Arch, options: Omit<DescribedModel, keyof ArchSpec>): Portable {
  const untold = untoldOf(arch, options.cut)
  const described = { ...archSpec(arch), ...options } as unknown as { [key: string]: Json }
  return untold ? { name, untold } : { name, toJSON: () => described }
}

/** Makes the layers of a described model; the weights are loaded into them next. */
export function makeModel({ cut, nIn, head, ...spec }: DescribedModel): AnyModule {
  const { nf, nOut, ...options } = head ?? {}
  checkSizes([nIn, nf, nOut, ...(options.linFtrs ?? [])])
  return withoutInit(() => {
    const arch = archOf(spec)
    const at = cut ?? metaOf(arch).cut
    const model = networkFor(arch, at)
    const body = cutModel(model, at)
    disposeRest(model, body)
    if (nIn !== 3) replaceFirstConv(body, nIn, false)
    return new Sequential([body, createHead(nf, nOut, options)])
  })
}

/** Lets bundles name grafted models. */
export function registerVisionModel(): void {
  registerPart('model', name, makeModel)
}

/** The sizes come from a file: none may ask for more memory than a head can need. */
function checkSizes(sizes: readonly number[]): void {
  const wrong = sizes.find((n) => !Number.isInteger(n) || n < 1 || n > 1_000_000)
  const values = sizes.reduce((sum, n, i) => sum + n * (sizes[i + 1] ?? 1), 0)
  if (wrong === undefined && sizes.length < 32 && values < 2 ** 31) return
  throw new EspalierError(
    'bundle/size',
    `the model asks for layers of [${sizes}] units, more than can be meant`,
    { fix: 'the file is damaged, or was tampered with' },
  )
}
