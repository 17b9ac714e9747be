/** Widths in units of the font size, of a wide sans-serif (DejaVu Sans): others are narrower and fit too. */
const widths: readonly (readonly [RegExp, number])[] = [
  [/[ijl.,:;'|!I ]/, 0.33],
  [/[frt()[\]{}/\\"-]/, 0.42],
  [/[mwMW@%]/, 0.96],
  [/[A-Z&#<>=+~]/, 0.74],
  [/[\u0021-\u024f\u0370-\u05ff]/, 0.63],
]

/** About how wide a line of text is, in px; on the safe side. */
export function textWidth(text: string, fontSize: number): number {
  let width = 0
  for (const char of text) width += widths.find(([chars]) => chars.test(char))?.[1] ?? 1.05
  return width * fontSize
}

/** The text, or as much of its beginning as fits, with an ellipsis. */
export function ellipsize(text: string, width: number, fontSize: number): string {
  if (textWidth(text, fontSize) <= width) return text
  let kept = ''
  for (const char of text) {
    if (textWidth(`${kept}${char}…`, fontSize) > width) break
    kept += char
  }
  return `${kept}…`
}

/** Breaks a text into at most `maxLines` lines: between words, inside one only where it is wider than a line. */
export function wrapText(text: string, width: number, fontSize: number, maxLines: number): string[] {
  const fits = (line: string) => textWidth(line.trimEnd(), fontSize) <= width
  // As much as narrow letters could fill: of a huge text the rest is never measured.
  const most = Math.ceil((maxLines * width) / (0.3 * fontSize))
  const words = text.slice(0, most).match(/\S+\s*/g) ?? []
  const pieces = words
    .flatMap((word) => (fits(word) ? word : word.split(/(?<=[_/-])(?=[^_/-])/)))
    .flatMap((piece) => (fits(piece) ? piece : chop(piece, fits)))
  const lines: string[] = []
  for (const piece of pieces) {
    const last = lines.at(-1)
    const joins = last !== undefined && (fits(last + piece) || lines.length === maxLines)
    if (joins) lines[lines.length - 1] += piece
    else lines.push(piece)
  }
  return lines.map((line) => ellipsize(line.replace(/\s+/g, ' ').trimEnd(), width, fontSize))
}

/** Cuts what has no place to break wherever a line is full. */
function chop(piece: string, fits: (line: string) => boolean): string[] {
  const parts = ['']
  for (const char of piece) {
    const longer = parts.at(-1)! + char
    if (parts.at(-1) === '' || fits(longer)) parts[parts.length - 1] = longer
    else parts.push(char)
  }
  return parts
}
