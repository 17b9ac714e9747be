import { join } from 'node:path'
import { accuracy, type Learner } from '@espalier/core'
import {
  categorify,
  fillMissing,
  normalize,
  readCsv,
  TabularDataLoaders,
  tabularLearner,
} from '@espalier/tabular'
import { summarizeSteps } from '../statistics.js'
import { StepTimer } from './step-timer.js'
import type { Found } from './work.js'

/** How large batches are, and where the data of the peers lies. */
export interface TabularOptions {
  readonly data: string
  readonly bs: number
}

const kinds = 'workclass education marital_status occupation relationship race sex native_country'
const numbers = 'age fnlwgt education_num capital_gain capital_loss hours_per_week'

/** An epoch of one-cycle on the census, and how long a single row takes to predict. */
export async function tabular({ data, bs }: TabularOptions): Promise<Found> {
  const read = (part: string) => readCsv(join(data, 'adult', `adult_${part}.csv`))
  const [train, test] = [await read('train'), await read('test')]
  const from = (start: number, length: number) => Array.from({ length }, (_, i) => start + i)
  const dls = await TabularDataLoaders.fromFrame(train.concat(test), {
    catNames: kinds.split(' '),
    contNames: numbers.split(' '),
    yNames: 'income',
    procs: [categorify(), fillMissing(), normalize()],
    splits: [from(0, train.length), from(train.length, test.length)],
    bs,
    seed: 42,
  })
  using learn = await tabularLearner(dls, { layers: [200, 100], metrics: [accuracy], verbose: false })
  const found = await epochsOf(learn as unknown as Learner, bs, () => learn.fitOneCycle(1, 1e-3))
  return { ...found, predict_row_s: await secondsOfRow(learn as unknown as Learner, test.row(0)) }
}

/** Steps and seconds of a fit. */
export async function epochsOf(learn: Learner, bs: number, fit: () => Promise<void>): Promise<Found> {
  const timer = new StepTimer()
  await learn.with({ cbs: [timer] }, fit)
  const seconds = [...learn.recorder.seconds].sort((a, b) => a - b)
  const [, loss = Number.NaN, score] = learn.recorder.values.at(-1) ?? []
  return {
    ...summarizeSteps(timer.steps, 5, bs),
    items: 'rows',
    first_step_s: timer.first,
    epoch_s: seconds[Math.floor(seconds.length / 2)] ?? Number.NaN,
    loss,
    ...(score !== undefined && { accuracy: score }),
  }
}

/** The median of single predictions, after some that do not count. */
async function secondsOfRow(learn: Learner, row: unknown): Promise<number> {
  const seconds: number[] = []
  for (let i = 0; i < 60; i++) {
    const began = performance.now()
    await learn.predict(row)
    if (i >= 20) seconds.push((performance.now() - began) / 1000)
  }
  return seconds.sort((a, b) => a - b)[seconds.length >> 1]!
}
