import { EspalierError } from '@espalier/data'
import { installedPlatform, platform } from '../platform.js'
import { htmlPage } from './html-page.js'
import { dataUri, element } from './markup.js'

/** What a figure carries besides its drawing. */
export interface FigureOptions {
  /** What the picture shows, for those who cannot see it. Default `figure`. */
  readonly alt?: string
}

/** What a notebook gets to choose from: the same thing in several formats. */
export type MimeBundle = Readonly<Record<string, string>>

/**
 * A picture that is drawn when it is asked for, once. What it depends on may still be on its way: a figure is
 * returned at once, and `save` and the others wait.
 *
 * @example
 * await plotLosses({ train, valid }).save('losses.png')
 */
export class Figure {
  readonly alt: string
  readonly #render: () => string | Promise<string>
  #svg: Promise<string> | undefined

  /** @param render gives an SVG document; its labels must be escaped already */
  constructor(render: () => string | Promise<string>, { alt = 'figure' }: FigureOptions = {}) {
    this.#render = render
    this.alt = alt
  }

  /** A whole SVG file, pictures included. */
  toSVG(): Promise<string> {
    this.#svg ??= Promise.resolve().then(this.#render)
    return this.#svg
  }

  /** A PNG of `scale` pixels for each px of the SVG. Throws `picture/sharp` or `picture/png` where it cannot. */
  async toPNG({ scale = 2 }: { readonly scale?: number } = {}): Promise<Uint8Array> {
    if (!(scale > 0 && scale <= 20)) {
      throw new EspalierError('picture/scale', `a PNG of ${scale} pixels per px cannot be drawn`, {
        fix: 'a scale above 0, at most 20',
      })
    }
    const draw = installedPlatform()?.svgToPng
    if (!draw) {
      throw new EspalierError('picture/png', 'a PNG cannot be drawn here', { fix: 'use toSVG() or toHTML()' })
    }
    return draw(await this.toSVG(), scale)
  }

  /** A fragment of HTML that needs nothing else. The SVG stands in it as an image: nothing in it can run. */
  async toHTML(): Promise<string> {
    const src = dataUri('image/svg+xml', new TextEncoder().encode(await this.toSVG()))
    return element('figure', {}, element('img', { src, alt: this.alt }))
  }

  /** Writes the figure to a file, as its name ends: `.svg`, `.png` or `.html`. */
  async save(path: string): Promise<void> {
    const { writeFileAtomic } = platform()
    await writeFileAtomic(path, await this.#encode(path))
  }

  async #encode(path: string): Promise<Uint8Array> {
    const utf8 = new TextEncoder()
    switch (path.slice(path.lastIndexOf('.')).toLowerCase()) {
      case '.svg':
        return utf8.encode(await this.toSVG())
      case '.png':
        return this.toPNG()
      case '.html':
        return utf8.encode(htmlPage(this.alt, await this.toHTML()))
      default:
        throw new EspalierError('picture/format', `cannot save a figure as '${path}'`, {
          fix: 'use a name that ends in .svg, .png or .html',
        })
    }
  }

  /** How a Deno notebook shows it. */
  async [Symbol.for('Jupyter.display')](): Promise<MimeBundle> {
    return { 'image/svg+xml': await this.toSVG(), 'text/plain': `[${this.alt}]` }
  }
}
