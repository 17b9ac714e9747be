/**
 * The same text in memory of its own. A part of a text that is kept keeps all of the text alive: of many words, each from
 * a text of its own, that is a corpus.
 */
export function detached(text: string): string {
  return text.length < shared ? text : [...text].join('')
}

/** Shorter parts are copies in any case. */
const shared = 13
