/** Fonts of the reader's machine: none is shipped. */
export const fontFamily = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"

/** Text. */
export const ink = '#1f2933'
/** What should not catch the eye. */
export const muted = '#5b6774'
/** Lines behind the data. */
export const grid = '#e4e8ed'

/** Colours that stay apart for every kind of colour vision (Okabe and Ito 2008, "Color universal design"). */
export const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#6b4c9a'] as const

/** The i-th colour of the palette, which starts again at its end. */
export function colorAt(i: number): string {
  return palette[i % palette.length]!
}

/** How a title is drawn: right answers in a bluish green, wrong ones in a red that differs in lightness too. */
export type Tone = 'plain' | 'right' | 'wrong'

/** The colour of each {@link Tone}; both pass 4.5 : 1 against white. */
export const toneColors: Readonly<Record<Tone, string>> = { plain: ink, right: '#00795a', wrong: '#c2350c' }
