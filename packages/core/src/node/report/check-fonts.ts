import { reasonOf } from '@espalier/data'
import { svgToPng } from './pictures.js'

/** One thing a machine needs, for a command that says what is missing. */
export interface MachineCheck {
  readonly name: string
  readonly ok: boolean
  /** What was found, in a sentence. */
  readonly message: string
  /** What to do about it. */
  readonly fix?: string
}

/**
 * Whether text appears in PNG figures. Without a font every letter is drawn as the same box, so two different
 * letters that give the same picture betray it; SVG and HTML use the reader's fonts and do not need this.
 */
export async function checkFonts(): Promise<MachineCheck> {
  const name = 'fonts'
  try {
    const [first, second] = await Promise.all([letter('H'), letter('o')])
    if (!equal(first, second)) return { name, ok: true, message: 'text in PNG figures is drawn' }
    return {
      name,
      ok: false,
      message: 'no font is installed: PNG figures show boxes in place of letters',
      fix: 'install one that fontconfig finds (Debian: apt-get install fonts-dejavu-core), or save as .svg or .html',
    }
  } catch (error) {
    const [message = '', fix] = reasonOf(error).split('\n  → ')
    return { name, ok: false, message, ...(fix ? { fix } : {}) }
  }
}

function letter(text: string): Promise<Uint8Array> {
  return svgToPng(
    `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><text x="20" y="30" text-anchor="middle" font-family="sans-serif" font-size="24">${text}</text></svg>`,
    1,
  )
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((v, i) => v === b[i])
}
