import type { Finding } from '../source.js'

/** What no file of the repository says; the patterns are put together so that this file does not say it either. */
const banned: readonly (readonly [pattern: RegExp, text: string])[] = [
  [/@ts-(?:ignore|nocheck)\b/, 'the compiler is not silenced'],
  [new RegExp(`\\b(?:TO${'DO'}|FIX${'ME'})\\b`), 'what is left to do is an issue, not a comment'],
  [new RegExp(`(?<![\\w.~$}])/(?:wo${'rk'}|ro${'ot'}|t${'mp'})/[\\w.-]`), 'a path of one machine'],
  [
    new RegExp(
      `\\b(?:registry\\.np${'mjs'}\\.org|registry\\.yarn${'pkg'}|py${'pi'}\\.org|files\\.python${'hosted'})`,
    ),
    'the host of a registry',
  ],
]

/** Findings in any text file, source or not. */
export function bannedText(path: string, text: string): readonly Finding[] {
  return text
    .split('\n')
    .flatMap((line, i) =>
      banned
        .filter(([pattern]) => pattern.test(line))
        .map(([, why]) => `${path}:${i + 1}: ${why}: ${line.trim()}`),
    )
}
