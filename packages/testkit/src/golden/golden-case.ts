import { type SafeTensor, toFloat32, toInt32 } from '@espalier/core'
import { type NdArray, ndArray, sizeOf } from '@espalier/data'
import { type FillRule, fill, mulberry32 } from './prng.js'

/** A tensor among the expectations: inline, or a key of the case's safetensors file. */
export interface ExpectedTensor {
  readonly shape: readonly number[]
  readonly dtype: string
  readonly value?: unknown
  readonly tensor?: string
  readonly atol?: number
  readonly rtol?: number
}

type Input =
  | {
      readonly kind: 'prng'
      readonly seed: number
      readonly shape: readonly number[]
      readonly lo: number
      readonly hi: number
      readonly dtype: 'float32' | 'int64'
    }
  | { readonly kind: 'tensor'; readonly tensor: string }
  | { readonly kind: 'value'; readonly value: unknown }

/** The JSON of a case (schema golden/1). */
export interface GoldenJson {
  readonly topic: string
  readonly case: string
  readonly what: string
  readonly config: Readonly<Record<string, unknown>>
  readonly inputs?: Readonly<Record<string, Input>>
  readonly init?: {
    readonly seed: number
    readonly state_dict: readonly (readonly [key: string, shape: readonly number[], rule: string])[]
  }
  readonly expected: Readonly<Record<string, unknown>>
  readonly tolerance: { readonly rtol: number; readonly atol: number }
  readonly printed?: string
  readonly tensors_file?: string
}

/** One golden case: numbers computed by fastai and PyTorch, with the inputs that lead to them. */
export class GoldenCase {
  constructor(
    readonly json: GoldenJson,
    readonly tensors: ReadonlyMap<string, SafeTensor>,
  ) {}

  get name(): string {
    return `${this.json.topic}/${this.json.case}`
  }

  /** An input tensor; integers come as int32. */
  input(name: string): NdArray<'float32' | 'int32'> {
    const spec = this.json.inputs?.[name]
    if (!spec) throw new Error(`${this.name}: no input '${name}'`)
    if (spec.kind === 'tensor') return this.#stored(spec.tensor)
    if (spec.kind === 'value') {
      const flat = [spec.value].flat(Number.POSITIVE_INFINITY) as number[]
      return ndArray(flat.every(Number.isInteger) ? 'int32' : 'float32', shapeOf(spec.value), flat)
    }
    const random = mulberry32(spec.seed)
    const draw = () => spec.lo + random() * (spec.hi - spec.lo)
    const length = sizeOf(spec.shape)
    if (spec.dtype === 'int64')
      return ndArray(
        'int32',
        spec.shape,
        Int32Array.from({ length }, () => Math.floor(draw())),
      )
    return ndArray('float32', spec.shape, Float32Array.from({ length }, draw))
  }

  /** The initial weights in torch's layout, by key, in the order of torch's state dict. */
  *weights(): Generator<[key: string, value: NdArray<'float32'>]> {
    const { seed, state_dict } = this.json.init ?? { seed: 0, state_dict: [] }
    const seen = new Map<string, NdArray<'float32'>>()
    for (const [k, [key, shape, rule]] of state_dict.entries()) {
      if (rule === 'skip') continue
      const value = rule.startsWith('alias:')
        ? seen.get(rule.slice(6))!
        : rule === 'tensor'
          ? (this.#stored(`init.${key}`) as NdArray<'float32'>)
          : ndArray('float32', shape, fill(rule as FillRule, shape, seed + k))
      seen.set(key, value)
      yield [key, value]
    }
  }

  /** An expected tensor, flat, with its tolerance. */
  expected(name: string): {
    readonly shape: readonly number[]
    readonly values: ArrayLike<number>
    readonly atol: number
    readonly rtol: number
  } {
    const want = this.json.expected[name] as ExpectedTensor | undefined
    if (!want) throw new Error(`${this.name}: nothing expected for '${name}'`)
    const { atol = this.json.tolerance.atol, rtol = this.json.tolerance.rtol } = want
    const values = want.tensor ? this.#stored(want.tensor).data : inlineValues(want)
    return { shape: want.shape, values, atol, rtol }
  }

  #stored(key: string): NdArray<'float32' | 'int32'> {
    const t = this.tensors.get(key)
    if (!t) throw new Error(`${this.name}: no tensor '${key}' in ${this.json.tensors_file}`)
    return t.dtype === 'I64'
      ? ndArray('int32', t.shape, toInt32(key, t))
      : ndArray('float32', t.shape, toFloat32(key, t))
  }
}

/** Numbers that are written out: nine digits, which say which float32 is meant. */
function inlineValues({ value, dtype }: ExpectedTensor): ArrayLike<number> {
  const numbers = [value].flat(Number.POSITIVE_INFINITY) as number[]
  return dtype === 'float32' ? Float32Array.from(numbers) : numbers
}

function shapeOf(value: unknown): number[] {
  return Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : []
}

/** True for an entry of `expected` that is a tensor. */
export function isTensor(x: unknown): x is ExpectedTensor {
  return typeof x === 'object' && x !== null && 'shape' in x && 'dtype' in x
}
