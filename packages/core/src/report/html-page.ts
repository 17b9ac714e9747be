import { element, escapeMarkup } from './markup.js'

/**
 * A whole HTML page around a body that is markup already. Its policy forbids scripts and the network, so that
 * a label that gets past every other guard still does nothing.
 */
export function htmlPage(title: string, body: string): string {
  const head = [
    element('meta', { charset: 'utf-8' }),
    element('meta', { 'http-equiv': 'Content-Security-Policy', content: policy }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('title', {}, escapeMarkup(title)),
    element('style', {}, css),
  ]
  return `<!doctype html>\n${element('html', { lang: 'en' }, element('head', {}, ...head), element('body', {}, body))}\n`
}

const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"

// Holds neither < nor &, so it needs no escaping inside <style>.
const css = `
:root { color-scheme: light dark; --ink: #1f2933; --muted: #5b6774; --line: #dde3e9; --page: #fff; --stripe: #f6f8fa }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e3e8ee; --muted: #9aa7b4; --line: #3a444f; --page: #171b20; --stripe: #1e242b }
}
body { margin: 2.5rem auto; padding: 0 1.25rem; max-width: 70rem; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line) }
p { max-width: 46rem; margin: .75rem 0 }
header p { color: var(--muted); margin-top: .4rem }
figure { margin: 1rem 0 }
img { max-width: 100%; height: auto; background: #fff; border-radius: 6px }
div { overflow-x: auto }
table { border-collapse: collapse; margin: 1rem 0; font-size: .9rem; font-variant-numeric: tabular-nums }
th, td { padding: .35rem .9rem .35rem .5rem; text-align: left; vertical-align: top }
th { color: var(--muted); font-weight: 600; border-bottom: 1px solid var(--line) }
tbody tr:nth-child(even) { background: var(--stripe) }
.number { text-align: right }
@page { margin: 18mm 16mm }
@media print {
  :root { color-scheme: light; --ink: #000; --muted: #444; --line: #ccc; --page: #fff; --stripe: #f6f8fa }
  body { margin: 0; max-width: none; font-size: 11pt }
  figure, tr, h2 { break-inside: avoid } h2 { break-after: avoid }
}
`
