import { element } from './markup.js'
import { fontFamily, ink } from './style.js'

/** A part of a picture: SVG elements drawn from (0, 0), and the room they take in px. */
export interface Fragment {
  readonly width: number
  readonly height: number
  readonly body: string
}

/** Nothing, for places that stay free. */
export const empty: Fragment = { width: 0, height: 0, body: '' }

/** How neighbours in a stack stand to each other. */
export interface StackOptions {
  /** Px between neighbours. Default 0. */
  readonly gap?: number
  /** Where a smaller one goes across the stack. Default start. */
  readonly align?: 'start' | 'center' | 'end'
}

/** One below the other. */
export function column(parts: readonly Fragment[], options: StackOptions = {}): Fragment {
  return stack(parts, options, 'height', 'width')
}

/** One beside the other. */
export function row(parts: readonly Fragment[], options: StackOptions = {}): Fragment {
  return stack(parts, options, 'width', 'height')
}

function stack(
  parts: readonly Fragment[],
  { gap = 0, align = 'start' }: StackOptions,
  along: 'width' | 'height',
  across: 'width' | 'height',
): Fragment {
  const shown = parts.filter((part) => part.body)
  if (shown.length === 0) return empty
  const breadth = Math.max(...shown.map((part) => part[across]))
  const share = { start: 0, center: 0.5, end: 1 }[align]
  let at = 0
  const placed = shown.map((part) => {
    const side = (breadth - part[across]) * share
    const moved = along === 'width' ? moveTo(part, at, side) : moveTo(part, side, at)
    at += part[along] + gap
    return moved.body
  })
  const size = { [along]: at - gap, [across]: breadth } as Pick<Fragment, 'width' | 'height'>
  return { ...size, body: placed.join('') }
}

/** Room on every side. */
export function pad(part: Fragment, by: number): Fragment {
  return {
    width: part.width + 2 * by,
    height: part.height + 2 * by,
    body: moveTo(part, by, by).body,
  }
}

/** The same, drawn in a larger room, centred from left to right. */
export function widen(part: Fragment, width: number): Fragment {
  return part.width >= width ? part : { ...moveTo(part, (width - part.width) / 2, 0), width }
}

function moveTo(part: Fragment, x: number, y: number): Fragment {
  const body =
    x || y ? element('g', { transform: `translate(${round(x)},${round(y)})` }, part.body) : part.body
  return { ...part, body }
}

/** A whole SVG file: white behind it, so that it reads the same on a dark page. */
export function svgDocument(content: Fragment, label: string): string {
  const width = Math.ceil(content.width)
  const height = Math.ceil(content.height)
  const root = {
    xmlns: 'http://www.w3.org/2000/svg',
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
    'aria-label': label,
    'font-family': fontFamily,
    color: ink,
    fill: ink,
  }
  return element('svg', root, element('rect', { width, height, fill: '#fff' }), content.body)
}

const round = (value: number): number => Math.round(value * 100) / 100
