import { describe, expect, it } from 'vitest'
import {
  registeredNames,
  registeredWeights,
  registerWeights,
  type WeightsSource,
} from './weights-registry.js'

const sha256 = 'a'.repeat(64)
const source = { url: 'https://example.com/w.pth', sha256, size: 10 }

describe('registerWeights', () => {
  it('gives a source a name, once', () => {
    registerWeights('resnet34.a1', source)
    registerWeights('resnet34.a1', { ...source })
    expect(registeredWeights('resnet34.a1')).toEqual(source)
    expect(registeredNames().filter((name) => name === 'resnet34.a1')).toHaveLength(1)
    for (const change of [{ size: 11 }, { sha256: 'b'.repeat(64) }, { url: 'https://example.com/v.pth' }]) {
      expect(() => registerWeights('resnet34.a1', { ...source, ...change })).toThrow(/another source/)
    }
    for (const name of ['__proto__', 'constructor', 'toString', ''])
      expect(registeredWeights(name)).toBeUndefined()
  })

  it('keeps what was given, whatever becomes of the object', () => {
    const mine = { ...source }
    registerWeights('mine', mine)
    mine.sha256 = 'c'.repeat(64)
    expect(registeredWeights('mine')?.sha256).toBe(sha256)
  })

  it.each<[what: string, name: string, source: WeightsSource]>([
    ['a name that is a path', 'a/b', source],
    ['a name that is a file', 'w.pth', source],
    ['a name with a scheme', 'hf:x', source],
    ['no name', '', source],
    ['a hash that is none', 'x', { ...source, sha256: 'abc' }],
    ['no size', 'x', { ...source, size: 0 }],
    ['another scheme', 'x', { ...source, url: 'http://example.com/w.pth' }],
    ['no file on the hub', 'x', { hf: 'org/name', sha256, size: 1 }],
  ])('refuses %s', (_, name, source) => {
    expect(() => registerWeights(name, source)).toThrow(/cannot register weights/)
  })
})
