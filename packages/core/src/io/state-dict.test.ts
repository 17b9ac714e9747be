import { beforeAll, describe, expect, it } from 'vitest'
import { Mlp } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import { withSeed } from '../nn/init.js'
import { readSafetensors, type SafeTensor, writeSafetensors } from './safetensors.js'
import { loadStateDict, stateDict } from './state-dict.js'

beforeAll(async () => {
  await useEngine('cpu')
})

const dictOf = (model: Mlp) => new Map(readSafetensors(writeSafetensors(stateDict(model))).tensors)
const numbers = (model: Mlp) => [...model.weights()].flatMap((w) => [...w.variable.dataSync()])

/** Loads changed weights of one model into another; returns the message, once it is seen that nothing was loaded. */
function refusal(change: (dict: Map<string, SafeTensor>) => void): string {
  using one = withSeed(1, () => new Mlp())
  using other = withSeed(2, () => new Mlp())
  const dict = dictOf(one)
  change(dict)
  const before = numbers(other)
  let message = ''
  try {
    loadStateDict(other, dict)
  } catch (error) {
    expect(error).toMatchObject({ name: 'EspalierError', code: 'weights/mismatch' })
    message = (error as Error).message
  }
  expect(numbers(other)).toEqual(before)
  return message
}

const fix =
  '\n  → check that architecture, options and file belong together; strict: false loads what fits by name'

describe('weights that do not fit are named, and nothing is loaded:', () => {
  it('missing', () => {
    expect(
      refusal((dict) => {
        dict.delete('hidden.bias')
        dict.delete('norm.running_mean')
      }),
    ).toBe(`these weights do not fit the Mlp: 2 missing: hidden.bias, norm.running_mean${fix}`)
  })

  it('too many', () => {
    expect(refusal((dict) => dict.set('extra.weight', dict.get('out.weight')!))).toBe(
      `these weights do not fit the Mlp: 1 unexpected: extra.weight${fix}`,
    )
  })

  it('of another shape, with the one that was expected', () => {
    expect(refusal((dict) => dict.set('out.weight', { ...dict.get('out.weight')!, shape: [8, 3] }))).toBe(
      'these weights do not fit the Mlp: 1 of another shape: out.weight is [8,3], expected [3,8]\n' +
        '  → check that architecture and file belong together',
    )
  })

  it('all of these at once, the first few of each', () => {
    const message = refusal((dict) => {
      for (const [i, [key, tensor]] of [...dict].entries()) {
        dict.delete(key)
        dict.set(`model.${key}`, tensor)
        if (i === 0) dict.set('out.bias', { ...tensor, shape: [7] })
      }
    })
    expect(message).toContain(
      '8 missing: hidden.weight, hidden.bias, norm.weight, norm.bias, norm.running_mean and 3 more',
    )
    expect(message).toContain('8 unexpected: model.hidden.weight')
  })
})

it('not strict, it loads what fits by name and says what did not', () => {
  using one = withSeed(1, () => new Mlp())
  using other = withSeed(2, () => new Mlp())
  const dict = dictOf(one)
  const [bias, extra] = [[...other.hidden.bias!.dataSync()], dict.get('out.weight')!]
  dict.delete('hidden.bias')
  dict.set('extra.weight', extra)
  expect(loadStateDict(other, dict, { strict: false })).toEqual({
    missing: ['hidden.bias'],
    unexpected: ['extra.weight'],
  })
  expect([...other.hidden.bias!.dataSync()]).toEqual(bias)
  expect([...other.out.weight.dataSync()]).toEqual([...one.out.weight.dataSync()])
  const odd = { ...extra, shape: [8, 3] }
  expect(() => loadStateDict(other, new Map([['out.weight', odd]]), { strict: false })).toThrow(
    'out.weight is [8,3], expected [3,8]',
  )
})

it('weights that are no numbers of float32 are refused by name', () => {
  using model = withSeed(1, () => new Mlp())
  using other = withSeed(2, () => new Mlp())
  const [dict, before] = [dictOf(other), numbers(model)]
  const bytes = new Uint8Array(Float64Array.of(1e300, 0, 0).buffer)
  dict.set('out.bias', { dtype: 'F64', shape: [3], bytes })
  expect(() => loadStateDict(model, dict)).toThrow(
    "tensor 'out.bias' (F64) holds 1e+300, which float32 cannot\n  → are these weights?",
  )
  expect(numbers(model)).toEqual(before)
})
