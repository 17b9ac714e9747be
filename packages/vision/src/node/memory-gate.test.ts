import { describe, expect, it } from 'vitest'
import { MemoryGate } from './memory-gate.js'

describe('MemoryGate', () => {
  it('keeps what is held under its limit and the order of arrival', async () => {
    const gate = new MemoryGate(10)
    let [held, most] = [0, 0]
    const done: number[] = []
    const work = (bytes: number, i: number) =>
      gate.hold(bytes, async () => {
        held += bytes
        most = Math.max(most, held)
        await new Promise((resolve) => setTimeout(resolve, 1))
        held -= bytes
        done.push(i)
      })
    await Promise.all([4, 4, 4, 8, 2, 10, 1, 1].map(work))
    expect(most).toBeLessThanOrEqual(10)
    expect(done).toHaveLength(8)
    expect(done.indexOf(3)).toBeLessThan(done.indexOf(5))
  })

  it('lets what is larger than the limit through alone', async () => {
    const gate = new MemoryGate(10)
    expect(await Promise.all([gate.hold(50, async () => 1), gate.hold(50, async () => 2)])).toEqual([1, 2])
  })

  it('goes on after a failure', async () => {
    const gate = new MemoryGate(10)
    await expect(gate.hold(10, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await gate.hold(10, async () => 'yes')).toBe('yes')
  })
})
