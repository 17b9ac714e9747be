import { goldenFolder, readCase } from '@espalier/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { type ToyOptions, toyLearner, toyLoaders, weightsOf } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import type { Callback } from './callback.js'
import { type CancelPart, cancel } from './cancel.js'
import { batchEvents, type EventName } from './events.js'
import type { LoopVariables } from './loop.js'

beforeAll(async () => {
  await useEngine('cpu')
})

const names: readonly EventName[] = [
  'beforeFit',
  'beforeEpoch',
  'beforeTrain',
  ...batchEvents,
  'afterCancelTrain',
  'afterTrain',
  'beforeValidate',
  'afterCancelValidate',
  'afterValidate',
  'afterCancelEpoch',
  'afterEpoch',
  'afterCancelFit',
  'afterFit',
]

/** A callback that hears everything. */
function listener(
  hear: (event: EventName, s: LoopVariables) => void,
  more: Partial<Callback> = {},
): Callback {
  const handlers = names.map((event) => [event, (s: LoopVariables) => hear(event, s)])
  return { name: 'listener', ...Object.fromEntries(handlers), ...more }
}

const small: ToyOptions = { train: 16, valid: 8 }
const camel = (s: string) => s.replace(/_(\w)/g, (_, c: string) => c.toUpperCase()) as EventName

describe('cancelling', () => {
  interface Row {
    readonly exception: string
    readonly raised_in: string
    readonly when: string
    readonly log: readonly string[]
  }
  const { rows } = readCase(goldenFolder, 'train', 'cancel_events').json.expected as unknown as {
    rows: readonly Row[]
  }

  it.each(rows.map((r) => [`${r.exception} in ${r.raised_in}, ${r.when}`, r] as const))(
    'fires fastai’s events: %s',
    async (_, row) => {
      const part = row.exception
        .replace(/Cancel(\w+)Exception/, '$1')
        .toLowerCase()
        .replace('valid', 'validate')
      const [, mode, epoch, iter] = /^(?:(train|valid) )?epoch (\d+)(?: iter (\d+))?$/.exec(row.when)!
      const log: EventName[] = []
      const canceller = listener(
        (event, s) => {
          const here =
            event === camel(row.raised_in) &&
            s.epoch === Number(epoch) &&
            (!mode || s.training === (mode === 'train')) &&
            (iter === undefined || s.iter === Number(iter))
          if (here) cancel(part as CancelPart)
        },
        { name: 'canceller', order: 70 },
      )
      using learn = toyLearner(await toyLoaders(small))
      await learn.fit(2, 1e-2, { cbs: [listener((event) => log.push(event), { order: -100 }), canceller] })
      expect(log).toEqual(row.log.map(camel))
    },
  )

  const parts: readonly (readonly [EventName, CancelPart])[] = [
    ['beforeBatch', 'batch'],
    ['afterPred', 'batch'],
    ['afterLoss', 'batch'],
    ['beforeBackward', 'backward'],
    ['afterBackward', 'batch'],
    ['beforeStep', 'step'],
    ['beforeStep', 'batch'],
  ]

  it.each(parts)(
    'in %s, a %s in training leaves the weights alone and the next ones train',
    async (event, part) => {
      using learn = toyLearner(await toyLoaders({ train: 24 }))
      const before: number[][] = []
      const log = (s: LoopVariables) => before.push(weightsOf(s.learn as typeof learn).slice(0, 32))
      await learn.fit(1, 1e-2, {
        cbs: [
          listener(
            (e) => {
              if (e === event && before.length <= 2) cancel(part)
            },
            { order: 40, runValid: false },
          ),
          { name: 'watch', order: -99, beforeBatch: (s) => void log(s as LoopVariables), runValid: false },
        ],
      })
      expect(before).toHaveLength(3)
      expect(before[1]).toEqual(before[0])
      expect(before[2]).toEqual(before[0])
      expect(weightsOf(learn).slice(0, 32)).not.toEqual(before[0])
      expect(learn.recorder.values[0]!.every((v) => Number.isFinite(v))).toBe(true)
    },
  )

  it('a batch of validation leaves it out of loss and metrics', async () => {
    using learn = toyLearner(await toyLoaders({ valid: 16 }), {
      metrics: [(pred: tf.Tensor) => pred.shape[0]!],
    })
    const whole = await learn.validate()
    const seen = await learn.with(
      {
        cbs: [
          {
            name: 'first',
            runTrain: false,
            beforeBatch: ({ iter }) => {
              if (iter === 0) cancel('batch')
            },
          },
        ],
      },
      () => learn.validate(),
    )
    expect(seen['valid_loss']).toBeGreaterThan(0)
    expect(seen['valid_loss']).not.toBe(whole['valid_loss'])
  })

  it('what is no part of the loop is an error', async () => {
    using learn = toyLearner(await toyLoaders(small))
    const wrong = { name: 'wrong', beforeBatch: () => cancel('everything' as CancelPart) }
    await expect(learn.fit(1, 1e-2, { cbs: [wrong] })).rejects.toThrow(
      'there is no part of the loop called string "everything"\n  → cancel one of batch, backward, step,',
    )
  })

  it('what nothing catches reaches the caller', async () => {
    using learn = toyLearner(await toyLoaders(small))
    const failing = learn.fit(1, 1e-2, { cbs: [{ name: 'late', afterEpoch: () => cancel('batch') }] })
    await expect(failing).rejects.toThrow('cancel the batch')
  })
})

describe('callbacks', () => {
  it('run by order, equal orders as they were added, those of a fit after those of the learner', async () => {
    const heard: string[] = []
    const cb = (name: string, order?: number): Callback => ({
      name,
      ...(order !== undefined && { order }),
      beforeFit: () => void heard.push(name),
    })
    using learn = toyLearner(await toyLoaders(small), { cbs: [cb('a'), cb('late', 99), cb('b')] })
    await learn.fit(1, 1e-3, { cbs: [cb('c', 0), cb('early', -99)] })
    expect(heard).toEqual(['early', 'a', 'b', 'c', 'late'])
    heard.length = 0
    await learn.fit(1)
    expect(heard).toEqual(['a', 'b', 'late'])
    expect(learn.orderedCbs('afterEpoch').map((c) => c.name)).toEqual(['recorder'])
    expect(learn.orderedCbs().map((c) => c.name)).toEqual([
      'trainEval',
      'nanGuard',
      'a',
      'b',
      'recorder',
      'late',
    ])
  })

  it('sit out the batches of training or of validation, and hear everything else', async () => {
    const golden = readCase(goldenFolder, 'train', 'run_train_run_valid').json.expected as unknown as Record<
      string,
      readonly string[]
    >
    const [noValid, noTrain]: EventName[][] = [[], []]
    using learn = toyLearner(await toyLoaders(small))
    await learn.fit(1, 1e-3, {
      cbs: [
        listener((e) => noValid!.push(e), { runValid: false }),
        listener((e) => noTrain!.push(e), { runTrain: false }),
      ],
    })
    expect(noValid).toEqual(golden['run_valid_false']!.map(camel))
    expect(noTrain).toEqual(golden['run_train_false']!.map(camel))
  })

  it('that fail are named with the event', async () => {
    using learn = toyLearner(await toyLoaders(small))
    for (const event of ['beforeFit', 'beforeBatch', 'afterLoss', 'afterStep', 'afterEpoch'] as const) {
      const error = await learn
        .fit(1, 1e-3, {
          cbs: [
            listener(
              (e) => {
                if (e === event) throw new TypeError('oops')
              },
              { name: 'broken' },
            ),
          ],
        })
        .catch((e: unknown) => e)
      expect(error).toMatchObject({
        code: 'callback/failed',
        message: `callback 'broken' failed in ${event}: oops`,
        cause: expect.any(TypeError),
      })
    }
  })

  it('may be asynchronous outside the batches only', async () => {
    using learn = toyLearner(await toyLoaders(small))
    const heard: string[] = []
    await learn.fit(1, 1e-3, {
      cbs: [
        {
          name: 'slow',
          async beforeEpoch() {
            await new Promise((resolve) => setTimeout(resolve, 5))
            heard.push('epoch')
          },
          beforeTrain: () => void heard.push('train'),
        },
      ],
    })
    expect(heard).toEqual(['epoch', 'train'])
    const wrong = learn.fit(1, 1e-3, {
      cbs: [
        {
          name: 'slow',
          async afterBatch() {
            throw new Error('nobody would hear this')
          },
        },
      ],
    })
    await expect(wrong).rejects.toThrow(
      "callback 'slow' is asynchronous in afterBatch\n  → events of a batch are synchronous",
    )
  })

  it('are released when a fit is over, however it ended', async () => {
    using learn = toyLearner(await toyLoaders(small))
    const released: string[] = []
    const release = (name: string): Callback => ({ name, release: () => void released.push(name) })
    const broken: Callback = {
      name: 'broken',
      beforeEpoch: () => {
        throw new Error('oops')
      },
      release: () => {
        throw new Error('release failed too')
      },
    }
    await learn.fit(1, 1e-3, { cbs: [release('a')] })
    await expect(learn.fit(1, 1e-3, { cbs: [broken, release('b')] })).rejects.toThrow('oops')
    expect(released).toEqual(['a', 'b'])
  })
})

describe('a loss that is no scalar', () => {
  it('is refused with its shape', async () => {
    using learn = toyLearner(await toyLoaders(small), {
      lossFunc: (pred, target) => tf.sub(tf.sum(pred, 1), tf.cast(target!, 'float32')),
    })
    await expect(learn.fit(1)).rejects.toThrow('the loss function returned [8], expected a scalar')
  })
})
