import { expect, it } from 'vitest'
import { StepTimer } from './step-timer.js'

it('measures from the end of one training batch to the end of the next', () => {
  let time = 10
  const timer = new StepTimer(() => time)
  timer.beforeFit()
  time = 11
  timer.beforeTrain()
  for (const end of [14, 15, 17]) {
    time = end
    timer.afterBatch({ training: true })
  }
  time = 30
  timer.afterBatch({ training: false })
  expect(timer.steps).toEqual([3, 1, 2])
  expect(timer.first).toBe(4)
})
