import { beforeAll, expect, it } from 'vitest'
import { useEngine } from '../engine/engine.js'
import { BatchNorm } from './batch-norm.js'
import { Dropout } from './dropout.js'
import { holdModes } from './hold-modes.js'
import { Sequential } from './sequential.js'

beforeAll(async () => {
  await useEngine('cpu')
})

it('puts back the mode of every module, whatever happened in between', () => {
  const [norm, dropout] = [new BatchNorm(2), new Dropout(0.5)]
  using model = new Sequential([norm, dropout])
  norm.training = false
  const run = () => {
    using modes = holdModes(model)
    model.eval()
    modes.restore()
    expect(model.all().map((m) => m.training)).toEqual([true, false, true])
    norm.training = true
    model.eval()
    throw new Error('in between')
  }
  expect(run).toThrow('in between')
  expect(model.all().map((m) => m.training)).toEqual([true, false, true])
})
