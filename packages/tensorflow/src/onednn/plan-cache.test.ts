import { expect, it } from 'vitest'
import { PlanCache } from './plan-cache.js'

it('keeps what was used last, and destroys what it drops', () => {
  const destroyed: string[] = []
  const cache = new PlanCache<{ name: string; destroy(): void }>(2)
  const get = (name: string) => cache.get(name, () => ({ name, destroy: () => destroyed.push(name) }))
  const a = get('a')
  get('b')
  expect(get('a')).toBe(a)
  get('c')
  expect(destroyed).toEqual(['b'])
  expect(get('a')).toBe(a)
  expect(cache.size).toBe(2)
})
