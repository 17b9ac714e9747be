import { SkipItem } from '@espalier/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { features, toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import type { Callback } from './callback.js'

beforeAll(async () => {
  await useEngine('cpu')
})

/** Counts the samples that were ever read. */
const counting = () => {
  const read: string[] = []
  const encode = (item: string) => {
    if (item === 'row 26') throw new SkipItem('torn')
    read.push(item)
    return features(item)
  }
  return { read, encode }
}

describe('predsOf', () => {
  it('gives the batches that getPreds joins', async () => {
    using learn = toyLearner(await toyLoaders({ valid: 11, bs: 4, encode: counting().encode }))
    const options = { withLoss: true, withInput: true } as const
    const whole = await learn.getPreds(options)
    const sizes: number[] = []
    const [preds, decoded, targets, losses, inputs, ids, indices]: [
      number[],
      number[],
      number[],
      number[],
      number[],
      string[],
      number[],
    ] = [[], [], [], [], [], [], []]
    for await (const batch of learn.predsOf(options)) {
      sizes.push(batch.preds.shape[0]!)
      preds.push(...batch.preds.data)
      decoded.push(...batch.decoded.data)
      targets.push(...batch.targets[0]!.data)
      losses.push(...batch.losses)
      inputs.push(...batch.inputs[0]!.data)
      ids.push(...batch.ids)
      indices.push(...batch.indices)
    }
    expect(sizes).toEqual([4, 4, 2])
    expect({ ids, indices }).toEqual({ ids: whole.ids, indices: whole.indices })
    expect(ids).not.toContain('row 26')
    expect(preds).toEqual([...whole.preds.data])
    expect(decoded).toEqual([...whole.decoded.data])
    expect(targets).toEqual([...whole.targets[0]!.data])
    expect(losses).toEqual([...whole.losses])
    expect(inputs).toEqual([...whole.inputs[0]!.data])
  })

  it('reads no further ahead than the loader does, and gives no activations where only classes are asked for', async () => {
    const { read, encode } = counting()
    const dls = await toyLoaders({ train: 8, valid: 200, bs: 4, encode, prefetch: 1 })
    using learn = toyLearner(dls)
    let batches = 0
    for await (const batch of learn.predsOf({ decode: true })) {
      batches++
      expect(Object.keys(batch)).toEqual(['decoded', 'targets', 'indices', 'ids'])
      expect(read.length).toBeLessThanOrEqual(4 * batches + 2 * 4)
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
    expect(batches).toBe(50)
  })

  it('holds the learner till the loop is left; what trains waits', async () => {
    using learn = toyLearner(await toyLoaders({ valid: 12, bs: 4 }))
    const log: string[] = []
    const diary: Callback = { name: 'diary', beforeFit: () => void log.push('fit') }
    let fit: Promise<void> | undefined
    for await (const { indices } of learn.predsOf()) {
      fit ??= learn.fit(1, 1e-3, { cbs: [diary] })
      log.push(`batch ${indices[0]}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
      if (indices[0] === 4) break
    }
    log.push('left')
    await fit
    expect(log).toEqual(['batch 0', 'batch 4', 'left', 'fit'])
    expect(learn.recorder.values).toHaveLength(1)
  })

  it('lets predictions and measurements ahead inside the loop, and is not disturbed by them', async () => {
    using learn = toyLearner(await toyLoaders({ valid: 12, bs: 4 }))
    const { recorder } = learn
    const whole = await learn.getPreds()
    const callbacks = learn.orderedCbs()
    const preds: number[] = []
    const late: Promise<unknown>[] = []
    for await (const batch of learn.predsOf()) {
      preds.push(...batch.preds.data)
      expect((await learn.getPreds()).preds).toEqual(whole.preds)
      expect(await learn.validate()).toHaveProperty('valid_loss')
      for await (const inner of learn.predsOf()) if (inner.indices[0] === 4) break
      late.push(learn.predict('row 3'))
    }
    await Promise.all(late)
    expect(preds).toEqual([...whole.preds.data])
    expect(learn.orderedCbs()).toEqual(callbacks)
    expect(learn.recorder).toBe(recorder)
  })

  it('gives everything back when the loop is left early, by return or by an error', async () => {
    using learn = toyLearner(await toyLoaders({ valid: 12, bs: 4 }))
    learn.model.drop.training = true
    const heard: string[] = []
    const ear: Callback = {
      name: 'ear',
      afterCancelValidate: () => void heard.push('cancelled'),
      afterValidate: () => void heard.push('over'),
    }
    const before = tf.memory().numTensors
    const loop = learn.predsOf({ cbs: [ear] })
    await loop.next()
    await loop.return()
    expect(heard).toEqual(['cancelled', 'over'])
    await expect(
      (async () => {
        for await (const _ of learn.predsOf()) throw new Error('full disk')
      })(),
    ).rejects.toThrow('full disk')
    await learn.predsOf().return() // never begun
    expect(tf.memory().numTensors).toBe(before)
    expect(learn.model.drop.training).toBe(true)
    await learn.fit(1, 1e-3)
  })

  it('ends with the error of the pass, and frees the learner', async () => {
    const encode = (item: string) => {
      if (item === 'row 30') throw new Error('boo')
      return features(item)
    }
    using learn = toyLearner(await toyLoaders({ valid: 12, bs: 4, encode }))
    const got: number[] = []
    await expect(
      (async () => {
        for await (const { indices } of learn.predsOf()) got.push(...indices)
      })(),
    ).rejects.toThrow(/row 30.*boo/)
    expect(got).toEqual([0, 1, 2, 3])
    await learn.predict('row 1')
  })

  it('says what is wrong with its options, and gives nothing for nothing', async () => {
    using learn = toyLearner(await toyLoaders({ valid: 0 }))
    await expect(learn.predsOf({ dl: [] as never }).next()).rejects.toThrow('a data loader is needed')
    expect(await learn.predsOf().next()).toEqual({ done: true, value: undefined })
  })

  it('says so where the learner is disposed meanwhile', async () => {
    const learn = toyLearner(await toyLoaders({ valid: 12, bs: 4 }))
    const loop = learn.predsOf()
    await loop.next()
    learn[Symbol.dispose]()
    await expect(loop.next()).rejects.toThrow('this learner was disposed while a prediction ran')
  })
})
