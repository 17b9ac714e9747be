import { isTest, type Rule } from '../source.js'

const most = 400

/** One thing per file: none is longer than 400 lines. Tests may be. */
export const staysSmall: Rule = (sources) =>
  sources.flatMap((source) => {
    const lines = source.text.trimEnd().split('\n').length
    return lines > most && !isTest(source)
      ? [`${source.path}:${most + 1}: has ${lines} lines, at most ${most}`]
      : []
  })
