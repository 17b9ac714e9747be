import { type Card, ndArray } from '@espalier/data'
import { DOMParser, parseHTML } from 'linkedom'
import { beforeAll, expect, test } from 'vitest'
import { nodePlatform } from '../node/platform.js'
import { setPlatform } from '../platform.js'
import { cardGrid } from './card-grid.js'
import type { Figure } from './figure.js'
import { htmlReport } from './html-report.js'
import { plotFigure } from './plot.js'
import { plotConfusion } from './plot-confusion.js'
import { plotLrFind } from './plot-lr-find.js'
import { resultGrid } from './result-grid.js'
import { Table } from './table.js'

setPlatform(nodePlatform)

/** Labels that run, load or break something wherever they are taken for markup. */
const attacks = [
  '<script>alert(1)</script>',
  '</script><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<img/src="x"/onerror=alert(1)>',
  '"><img src=x onerror=alert(1)>',
  "'><img src=x onerror=alert(1)>",
  '" onmouseover="alert(1)',
  "' onfocus='alert(1)' autofocus='",
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<svg><animate onbegin=alert(1) attributeName=x dur=1s>',
  '<svg><set attributeName=href to=javascript:alert(1)>',
  '<svg><use href="data:image/svg+xml,<svg id=x onload=alert(1)>#x"/></svg>',
  '<svg><foreignObject><body onload=alert(1)></foreignObject></svg>',
  '<a href="javascript:alert(1)">x</a>',
  '<a xlink:href="javascript:alert(1)">x</a>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<object data="javascript:alert(1)"></object>',
  '<embed src="https://evil.example/x.swf">',
  '<link rel=stylesheet href="https://evil.example/x.css">',
  '<meta http-equiv="refresh" content="0;url=https://evil.example">',
  '<meta http-equiv="Content-Security-Policy" content="default-src *">',
  '<base href="https://evil.example/">',
  '<form action="https://evil.example"><input name=x autofocus onfocus=alert(1)>',
  '<style>@import "https://evil.example/x.css"</style>',
  '</style><script>alert(1)</script>',
  '</title><script>alert(1)</script>',
  '--><script>alert(1)</script><!--',
  ']]><script>alert(1)</script><![CDATA[',
  '<?xml-stylesheet href="https://evil.example/x.xsl"?>',
  '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '&#60;img src=x onerror=alert(1)&#62;',
  '<details open ontoggle=alert(1)>',
  '<video><source onerror=alert(1)></video>',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>',
  'url(https://evil.example/x.png)',
  '\u0000<scr\u0000ipt>alert(1)</script>\u001b]8;;https://evil.example\u0007',
  '\ud800<b>\u2028\ufffe\u202e',
]

const allowedHtml = new Set(
  'html head meta title style body main header section h1 h2 p figure img div table thead tbody tr th td'.split(
    ' ',
  ),
)
const allowedSvg = new Set('svg g rect path text tspan line circle image title'.split(' '))

let html = ''
let figures: readonly Figure[] = []

beforeAll(async () => {
  const pixels = ndArray('uint8', [2, 2, 3], new Uint8Array(12))
  const cards: Card[] = attacks.map((text) => [{ pixels }, { text }])
  figures = [
    cardGrid(cards),
    cardGrid(cards.map(([, text]) => [text!, text!])),
    resultGrid(attacks.map((text) => ({ inputs: [{ pixels }], predicted: { text }, actual: { text } }))),
    plotConfusion({ matrix: attacks.map(() => attacks.map(() => 1)), vocab: attacks }),
    plotLrFind({
      lrs: [1e-3, 1e-2],
      losses: [1, 2],
      suggestions: attacks.map((name) => ({ name, lr: 1e-3, loss: 1 })),
    }),
    ...attacks.map((text) =>
      plotFigure(
        (plot) => ({
          title: text,
          subtitle: text,
          caption: text,
          color: { legend: true },
          x: { label: text },
          marks: [
            plot.dot([text], { x: [1], y: [1], fill: [text], title: [text], href: [text], ariaLabel: text }),
            plot.image([text], { x: [1], y: [1], src: [text] }),
            plot.text([text], { x: [1], y: [1], text: [text], className: text }),
          ],
        }),
        { alt: text },
      ),
    ),
  ]
  html = await htmlReport({
    title: attacks.join(' '),
    subtitle: attacks.join('\n\n'),
    sections: [
      ...attacks.map((text) => ({ title: text, text, tables: [new Table([text], [[text]])] })),
      { title: 'figures', figures },
    ],
  })
})

/** Whatever could run or load: an element that is not expected, a handler, an address. */
function findings(elements: readonly Element[], allowed: ReadonlySet<string>): string[] {
  return elements.flatMap((element) => {
    const bad = Array.from(element.attributes).filter(
      ({ name, value }) =>
        /^on/i.test(name) ||
        (!/^(alt|aria-label)$/.test(name) && /url\((?!#)/i.test(value.replace(/["']/g, ''))) ||
        (/^(src|href|xlink:href|action|formaction|data|srcdoc|style|background|poster)$/i.test(name) &&
          !/^data:image\/(png|jpeg|svg\+xml);base64,[\w+/=]+$/.test(value)),
    )
    return [
      ...(allowed.has(element.localName) ? [] : [`<${element.localName}>`]),
      ...bad.map(({ name }) => `${element.localName}[${name}]`),
    ]
  })
}

test('there are forty of them', () => {
  expect(new Set(attacks).size).toBe(40)
})

test('in a report they stay text: no element, handler or address of theirs is left', () => {
  const { document } = parseHTML(html)
  expect(findings(Array.from(document.querySelectorAll('*')), allowedHtml)).toEqual([])
})

test('every one of them can be read in it', () => {
  const { document } = parseHTML(html)
  const headings = Array.from(document.querySelectorAll('h2')).map((h) => h.textContent)
  const shown = attacks.map((text) => text.replace(/(?![\t\n\r])\p{Cc}|\p{Surrogate}|\ufffe/gu, '�'))
  expect(headings.slice(0, 40)).toEqual(shown)
  expect(Array.from(document.querySelectorAll('td')).map((td) => td.textContent)).toEqual(shown)
})

test('its policy comes first, forbids scripts and the network, and there is no second one', () => {
  const { document } = parseHTML(html)
  const policies = Array.from(document.querySelectorAll('meta[http-equiv]'))
  expect(policies.map((m) => m.getAttribute('content'))).toEqual([
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'",
  ])
  expect(html.indexOf('Content-Security-Policy')).toBeLessThan(html.indexOf('<title>'))
})

test('in the pictures they stay text too', async () => {
  const { document } = parseHTML(html)
  const images = Array.from(document.querySelectorAll('img'))
  expect(images).toHaveLength(figures.length)
  for (const image of images) {
    const svg = new TextDecoder().decode(Buffer.from(image.getAttribute('src')!.split(',')[1]!, 'base64'))
    const root = new DOMParser().parseFromString(svg, 'image/svg+xml') as unknown as Document
    expect(findings(Array.from(root.querySelectorAll('*')), allowedSvg)).toEqual([])
  }
})

test('every picture is well-formed XML: a strict reader draws it', async () => {
  for (const figure of figures) expect((await figure.toPNG({ scale: 0.2 })).length).toBeGreaterThan(100)
})

test('the search finds what it looks for', () => {
  const { document } = parseHTML(`<body>${attacks.join('')}</body>`)
  expect(findings(Array.from(document.querySelectorAll('*')), allowedHtml).length).toBeGreaterThan(30)
})
