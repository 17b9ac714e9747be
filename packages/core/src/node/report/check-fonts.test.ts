import { expect, test } from 'vitest'
import { checkFonts } from './check-fonts.js'

test('the check says whether letters are drawn, and what to do when not', async () => {
  const check = await checkFonts()
  expect(check.name).toBe('fonts')
  expect(check.message).toMatch(check.ok ? /is drawn/ : /boxes/)
  expect(check.fix === undefined).toBe(check.ok)
})
