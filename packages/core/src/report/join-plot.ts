import { column, type Fragment, row } from './fragment.js'
import { serializeSvg } from './serialize-svg.js'
import { muted } from './style.js'
import { textBlock } from './text-block.js'

/** Px of tick labels and legends. */
export const plotFontSize = 11

/**
 * What Plot returns as one picture. With a title or a legend that is an HTML `<figure>` of headings, swatches
 * and several SVGs: they are stacked.
 */
export function joinPlot(node: Element): Fragment {
  if (isSvg(node)) return embed(node)
  const parts = Array.from(node.children)
  const width = Math.max(0, ...parts.filter(isSvg).map((svg) => sizeOf(svg).width))
  return column(
    parts.map((part) => joinPart(part, width)),
    { gap: 8 },
  )
}

function joinPart(part: Element, width: number): Fragment {
  const text = part.textContent ?? ''
  switch (part.localName) {
    case 'svg':
      return embed(part)
    case 'h2':
      return textBlock(text, { size: 15, bold: true, width, maxLines: 2 })
    case 'h3':
      return textBlock(text, { size: 12, color: muted, width, maxLines: 3 })
    case 'figcaption':
      return textBlock(text, { size: plotFontSize, color: muted, width, maxLines: 4 })
    default:
      return swatches(part, width)
  }
}

/** The legend of categories: Plot makes spans of a small SVG and a text; here they flow into lines. */
function swatches(legend: Element, width: number): Fragment {
  const lines: Fragment[][] = [[]]
  let taken = 0
  for (const item of Array.from(legend.children)) {
    if (item.localName === 'style') continue
    const label = textBlock(item.textContent ?? '', { size: plotFontSize })
    const keys = Array.from(item.children)
      .filter(isSvg)
      .map((svg) => embed(svg, swatch))
    const drawn = row([...keys, label], { gap: 6, align: 'center' })
    if (taken > 0 && taken + drawn.width > width) {
      lines.push([])
      taken = 0
    }
    lines.at(-1)!.push(drawn)
    taken += drawn.width + legendGap
  }
  return column(
    lines.map((line) => row(line, { gap: legendGap })),
    { gap: 4 },
  )
}

const swatch = { width: 11, height: 11 }
const legendGap = 18

function embed(svg: Element, { width, height } = sizeOf(svg)): Fragment {
  const inherited = { 'font-family': undefined, 'font-size': plotFontSize }
  return { width, height, body: serializeSvg(svg, { width, height, ...inherited }) }
}

function sizeOf(svg: Element): { width: number; height: number } {
  return { width: Number(svg.getAttribute('width')), height: Number(svg.getAttribute('height')) }
}

function isSvg(node: Element): boolean {
  return node.localName === 'svg'
}
