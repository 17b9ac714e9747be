import { afterEach, expect, test, vi } from 'vitest'
import { nodePlatform } from '../../node/platform.js'
import { setPlatform } from '../../platform.js'
import { chooseReporter } from './choose-reporter.js'
import { silentReporter } from './silent-reporter.js'

afterEach(() => {
  setPlatform(nodePlatform)
  vi.unstubAllGlobals()
})

test('in a notebook its cell, else what the platform has, else nothing', () => {
  const own = { ...silentReporter }
  setPlatform({ ...nodePlatform, progress: () => own })
  expect(chooseReporter()).toBe(own)
  vi.stubGlobal('Deno', { jupyter: { broadcast: async () => {} } })
  expect(chooseReporter()).not.toBe(own)
  vi.unstubAllGlobals()
  setPlatform(undefined)
  expect(chooseReporter()).toBe(silentReporter)
})
