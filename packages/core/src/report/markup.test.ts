import { expect, test } from 'vitest'
import { dataUri, element, escapeMarkup } from './markup.js'

test('what has a meaning in markup becomes an entity', () => {
  expect(escapeMarkup(`<a href="x" id='y'>&`)).toBe('&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;')
})

test('what XML cannot hold becomes a replacement character; other scripts and line ends stay', () => {
  expect(escapeMarkup('\u0000\u001b[1m\ud800\ufffe')).toBe('��[1m��')
  expect(escapeMarkup('Ωλ 猫 🐈\t\n')).toBe('Ωλ 猫 🐈\t\n')
})

test('an element escapes its attributes and leaves out undefined ones', () => {
  expect(element('p', { title: '"><script>', id: undefined, n: 0 })).toBe(
    '<p title="&quot;&gt;&lt;script&gt;" n="0"/>',
  )
  expect(element('p', {}, 'a', '<b/>')).toBe('<p>a<b/></p>')
})

test('a data address gives its bytes back, however many', async () => {
  const bytes = Uint8Array.from({ length: 100_003 }, (_, i) => i * 7)
  const reply = await fetch(dataUri('image/png', bytes))
  expect(new Uint8Array(await reply.arrayBuffer())).toEqual(bytes)
})
