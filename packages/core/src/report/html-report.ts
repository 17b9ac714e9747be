import type { Figure } from './figure.js'
import { htmlPage } from './html-page.js'
import { element, escapeMarkup } from './markup.js'
import type { Table } from './table.js'

/** A page: a title and sections below each other. */
export interface HtmlReport {
  readonly title: string
  readonly subtitle?: string
  readonly sections: readonly ReportSection[]
}

/** A part of a page; what is given is shown in this order. */
export interface ReportSection {
  readonly title: string
  /** An empty line begins a new paragraph. */
  readonly text?: string
  readonly figures?: readonly Figure[]
  readonly tables?: readonly Table[]
}

/**
 * One HTML file that needs nothing else: style and pictures are inside, every text is escaped, scripts and the
 * network are forbidden by its own policy. It follows the reader's dark mode and prints on white.
 */
export async function htmlReport({ title, subtitle, sections }: HtmlReport): Promise<string> {
  const header = element('header', {}, element('h1', {}, escapeMarkup(title)), ...paragraphs(subtitle))
  const bodies = await Promise.all(sections.map(sectionHtml))
  return htmlPage(title, element('main', {}, header, ...bodies))
}

async function sectionHtml({ title, text, figures = [], tables = [] }: ReportSection): Promise<string> {
  const drawn = await Promise.all(figures.map((figure) => figure.toHTML()))
  // Its own scroll bar, so that a wide table does not move the page.
  const boxed = tables.map((table) => element('div', {}, table.toHTML()))
  return element(
    'section',
    {},
    element('h2', {}, escapeMarkup(title)),
    ...paragraphs(text),
    ...drawn,
    ...boxed,
  )
}

function paragraphs(text = ''): string[] {
  return text
    .split(/\n\s*\n/)
    .filter((part) => part.trim())
    .map((part) => element('p', {}, escapeMarkup(part.trim())))
}
