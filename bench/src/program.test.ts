import { expect, it } from 'vitest'
import { othersCores, runProgram } from './program.js'

const node = (code: string, env: Record<string, string> = {}) => ({
  name: 'a program',
  command: process.execPath,
  args: ['-e', code],
  env,
})

it('runs a program with what its environment has besides', async () => {
  const ran = await runProgram(
    node('console.log(process.env.THREADS); setTimeout(() => console.log("end"), 300)', { THREADS: '2' }),
  )
  expect(ran.stdout).toBe('2\nend\n')
  expect(ran.firstLineSeconds).toBeGreaterThan(0)
  expect(ran.seconds - ran.firstLineSeconds).toBeGreaterThan(0.2)
})

it('tells how a program failed, in its own words', async () => {
  await expect(runProgram(node('console.error("no memory"); process.exit(3)'))).rejects.toThrow(
    'a program ended with exit 3:\nno memory',
  )
  await expect(runProgram({ name: 'nothing', command: 'no-such-program', args: [] })).rejects.toThrow(
    'nothing could not be started',
  )
})

it('counts the cores that were not ours', () => {
  const ran = { stdout: '', seconds: 10, firstLineSeconds: 10, busySeconds: 15 }
  expect(othersCores(ran, 12)).toBeCloseTo(0.3)
  expect(othersCores(ran, 16)).toBe(0)
})
