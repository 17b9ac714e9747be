import { empty, type Fragment } from './fragment.js'
import { element, escapeMarkup } from './markup.js'
import { ink } from './style.js'
import { textWidth, wrapText } from './text-layout.js'

/** How a text is set. */
export interface TextOptions {
  /** Px. Default 12. */
  readonly size?: number
  readonly color?: string
  readonly bold?: boolean
  /** Px after which a line breaks. Default: none. */
  readonly width?: number
  /** Default 1; what does not fit ends in an ellipsis. */
  readonly maxLines?: number
  readonly anchor?: 'start' | 'middle'
}

/** A few lines of text. With a width it takes that much room, and is centred in it when anchored in the middle. */
export function textBlock(text: string, options: TextOptions = {}): Fragment {
  const { size = 12, color = ink, bold = false, width, maxLines = 1, anchor = 'start' } = options
  // Bold letters are a little wider.
  const measure = size * (bold ? 1.08 : 1)
  const lines = width === undefined ? [text] : wrapText(text, width, measure, maxLines)
  if (!text.trim() || lines.length === 0) return empty
  const room = width ?? Math.max(...lines.map((line) => textWidth(line, measure)))
  const step = Math.round(size * 1.3)
  const drawn = lines.map((line, i) =>
    element(
      'text',
      {
        x: anchor === 'middle' ? room / 2 : 0,
        y: i * step + size,
        'font-size': size,
        'font-weight': bold ? 600 : undefined,
        'text-anchor': anchor,
        fill: color,
      },
      escapeMarkup(line),
    ),
  )
  return { width: room, height: lines.length * step, body: drawn.join('') }
}
