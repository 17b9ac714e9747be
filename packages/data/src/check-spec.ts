import type { AnyBlock } from './blocks/block.js'
import { checkOptions } from './check-options.js'
import { describe, describeNumber } from './describe.js'
import { EspalierError } from './errors.js'

/** The parts of a data block's description that are checked, whatever its types. */
interface Spec {
  readonly blocks?: unknown
  readonly getItems?: unknown
  readonly getX?: unknown
  readonly getY?: unknown
  readonly getters?: unknown
  readonly splitter?: unknown
  readonly itemTfms?: unknown
  readonly beforeBatch?: unknown
  readonly batchTfms?: unknown
  readonly nInp?: unknown
}

const specNames = [
  ...['blocks', 'getItems', 'getX', 'getY', 'getters', 'splitter'],
  ...['itemTfms', 'beforeBatch', 'batchTfms', 'nInp'],
]

/** Throws where a data block is told what it cannot work with; compilers see most of it, programs in JavaScript do not. */
export function checkSpec(spec: Spec): void {
  if (typeof spec !== 'object' || spec === null) {
    throw invalid(`a data block is described by an object, got ${describe(spec)}`, example)
  }
  checkOptions('dataBlock', spec, specNames)
  const { blocks, getters, itemTfms, beforeBatch, batchTfms, nInp } = spec
  if (!Array.isArray(blocks) || blocks.length === 0) {
    throw invalid(`a data block needs a list of blocks, got ${describe(blocks)}`, example)
  }
  for (const [i, block] of blocks.entries()) checkBlock(i, block)
  for (const name of ['getItems', 'getX', 'getY'] as const) {
    if (spec[name] !== undefined) checkFunction(name, spec[name])
  }
  if (getters !== undefined) {
    if (!Array.isArray(getters)) throw invalid(`getters must be a list, got ${describe(getters)}`)
    if (getters.length !== blocks.length) {
      throw invalid(`${blocks.length} blocks need ${blocks.length} getters, got ${getters.length}`)
    }
    for (const [i, get] of getters.entries()) checkFunction(`getter ${i}`, get)
  }
  if (getters === undefined && blocks.length > 2 && (spec.getX !== undefined || spec.getY !== undefined)) {
    throw invalid(
      `${blocks.length} blocks need a getter each; getX and getY are for the first and the last`,
      `say getters: [${blocks.map(() => '(item) => …').join(', ')}]`,
    )
  }
  checkTransforms('itemTfms', itemTfms)
  checkTransforms('beforeBatch', beforeBatch)
  checkTransforms('batchTfms', batchTfms)
  checkNInp(nInp, blocks.length)
}

const example =
  'say dataBlock({ blocks: [imageBlock(), categoryBlock()], getItems: getImageFiles, getY: parentLabel })'

function checkBlock(i: number, block: unknown): void {
  if (typeof (block as AnyBlock | undefined)?.typeTfms === 'function') return
  throw invalid(
    `block ${i} is ${describe(block)}, not a block`,
    typeof block === 'function'
      ? `call it: ${block.name}()`
      : 'use imageBlock(), categoryBlock() or one of your own',
  )
}

function checkFunction(name: string, value: unknown): void {
  if (typeof value === 'function') return
  throw invalid(`${name} must be a function of an item, got ${describe(value)}`)
}

/** A single block may make several elements of an item. */
function checkNInp(nInp: unknown, blocks: number): void {
  const most = blocks === 1 ? Number.POSITIVE_INFINITY : blocks
  if (nInp === undefined || (Number.isInteger(nInp) && Number(nInp) >= 1 && Number(nInp) <= most)) return
  throw invalid(
    `nInp must be a whole number from 1 to ${most}, got ${describeNumber(nInp)}`,
    'leave it out: all blocks but the last feed the model',
  )
}

type Option = 'itemTfms' | 'beforeBatch' | 'batchTfms'

/** Throws unless transforms are a list, and of the kind that belongs in this place. */
export function checkTransforms(option: Option, list: unknown): void {
  if (list === undefined) return
  if (!Array.isArray(list)) {
    const fix =
      typeof list === 'function' ? `call it: ${option}: ${list.name}()` : `put it in a list: ${option}: […]`
    throw invalid(`${option} must be a list, got ${describe(list)}`, fix)
  }
  for (const t of list) {
    const place = placeOf(t)
    if (place === option) continue
    if (place) throw invalid(`${option} holds '${t.name}', which is for ${place}`, `move it to ${place}`)
    const fix = Array.isArray(t)
      ? 'spread it: ...augTransforms()'
      : typeof t === 'function'
        ? `call it: ${t.name}(…)`
        : undefined
    throw invalid(`${option} holds ${Array.isArray(t) ? 'a list' : describe(t)}, which is no transform`, fix)
  }
}

/** Transforms of batches have a form on arrays, those of items only `encode` one element, others take lists of samples. */
function placeOf(t: unknown): Option | undefined {
  const { encode, encodeSamples, host } = (t ?? {}) as Record<string, unknown>
  if (typeof host === 'function') return 'batchTfms'
  if (typeof encodeSamples === 'function') return 'beforeBatch'
  return typeof encode === 'function' ? 'itemTfms' : undefined
}

function invalid(problem: string, fix?: string): EspalierError {
  return new EspalierError('block/spec', problem, fix === undefined ? {} : { fix })
}
