import { expect, test } from 'vitest'
import { Table } from './table.js'

const table = new Table(
  ['actual', 'predicted', 'count', 'share'],
  [
    ['beagle', 'basset_hound', 4, 0.125],
    ['pug', 'boxer', 12, 1.5],
  ],
)

test('as text, words stand flush left and numbers flush right', () => {
  expect(table.toText()).toBe(
    [
      'actual  predicted     count     share',
      'beagle  basset_hound      4  0.125000',
      'pug     boxer            12  1.500000',
    ].join('\n'),
  )
})

test('as HTML, every value is escaped', () => {
  expect(new Table(['<b>'], [['<script>alert(1)</script>']]).toHTML()).toBe(
    '<table><thead><tr><th>&lt;b&gt;</th></tr></thead><tbody><tr><td>&lt;script&gt;alert(1)&lt;/script&gt;</td></tr></tbody></table>',
  )
})

test('wide letters keep the columns straight', () => {
  expect(
    new Table(
      ['a', 'b'],
      [
        ['日本', 'x'],
        ['cafe\u0301', 'y'],
      ],
    ).toText(),
  ).toBe('a     b\n日本  x\ncafe\u0301  y')
})

test('a value cannot drive the terminal', () => {
  expect(new Table(['a'], [['\u001b[2Jx\u009b1m\ny']]).toText()).toBe('a\n�[2Jx�1m y')
})

test('no row leaves the header; a row of another length is refused', () => {
  expect(new Table(['a', 'b'], []).toText()).toBe('a  b')
  expect(() => new Table(['a', 'b'], [['1', '2'], ['3']])).toThrow(/row 1 .* 1 values for 2 columns \(a, b\)/)
})

test('a Deno notebook gets both forms', () => {
  const display = Reflect.get(table, Symbol.for('Jupyter.display')) as () => object
  expect(display.call(table)).toEqual({ 'text/html': table.toHTML(), 'text/plain': table.toText() })
})
