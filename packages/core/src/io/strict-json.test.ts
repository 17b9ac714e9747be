import { describe, expect, it } from 'vitest'
import { jsonProblem } from './strict-json.js'

describe('jsonProblem', () => {
  it.each([
    '{"a":1,"b":{"a":2},"c":[{"a":1},{"a":2}]}',
    '{"a":"a","b":"a: \\" 1.5, \\"a\\":"}',
    '{"a\\\\":1,"a":2}',
    '{"":0}',
    ' [1, 20 , 0] ',
  ])('passes %s', (text) => {
    expect(() => JSON.parse(text)).not.toThrow()
    expect(jsonProblem(text)).toBeUndefined()
  })

  it.each([
    '{"a":1,"a":1}',
    '{"a":1, "\\u0061" :2}',
    '{"x":[{"y":{"a":1,"b":2,"a":3}}]}',
    '{"__proto__":1,"__proto__":2}',
    '{"\\"":1,"\\"":1}',
  ])('finds the key that comes twice in %s', (text) => {
    expect(jsonProblem(text)).toBe('duplicate')
  })

  it.each(['[1.0]', '[1e2]', '[-0]', '[-1]', '{"a":1E5}', '[0.5]'])('finds the number in %s', (text) => {
    expect(jsonProblem(text)).toBe('number')
  })

  it('finds nesting beyond 128 at once, however deep it goes', () => {
    expect(jsonProblem('['.repeat(128))).toBeUndefined()
    expect(jsonProblem('['.repeat(129))).toBe('depth')
    expect(jsonProblem('{"a":'.repeat(1_000_000))).toBe('depth')
  })

  it.each(['"', '"\\', '{"a', '}}]]', '{"\\u12":1,"b', ''])('survives the broken text %j', (text) => {
    expect(jsonProblem(text)).toBeUndefined()
  })

  it('takes time linear in the text', () => {
    const time = (text: string) => {
      const start = performance.now()
      jsonProblem(text)
      return performance.now() - start
    }
    for (const unit of ['"a', '\\"', '"\\\\', '" ', '1', '{"k":[]},', '"\\u0061":']) {
      time(unit.repeat(1000))
      expect(time(unit.repeat(400_000))).toBeLessThan(2000)
    }
  })
})
