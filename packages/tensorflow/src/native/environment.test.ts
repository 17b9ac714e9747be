import { availableParallelism } from 'node:os'
import { expect, it } from 'vitest'
import { prepareEnvironment, threadCount } from './environment.js'

it('uses one thread for each core, or as many as asked for', () => {
  expect(threadCount({})).toBe(availableParallelism())
  expect(threadCount({ ESPALIER_THREADS: '3' })).toBe(3)
  expect(() => threadCount({ ESPALIER_THREADS: 'many' })).toThrow(
    "ESPALIER_THREADS must be a whole number ≥ 1, got 'many'",
  )
  expect(() => threadCount({ ESPALIER_THREADS: '0' })).toThrow('ESPALIER_THREADS')
})

it('tells the native libraries how to wait, unless that is already said', () => {
  const env: NodeJS.ProcessEnv = { OMP_WAIT_POLICY: 'active' }
  prepareEnvironment(2, env)
  expect(env).toEqual({
    OMP_WAIT_POLICY: 'active',
    GOMP_SPINCOUNT: '4000',
    OMP_NUM_THREADS: '2',
    TF_CPP_MIN_LOG_LEVEL: '1',
  })
})
