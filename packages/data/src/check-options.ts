import { describe } from './describe.js'
import { EspalierError } from './errors.js'

/**
 * Throws where options are no object, or hold a name that is not known: a misspelt option is not silently dropped.
 * `known` lists the options that there are, so that the nearest can be named.
 */
export function checkOptions(where: string, options: unknown, known: readonly string[]): void {
  if (options === undefined) return
  const plain = typeof options === 'object' && options !== null && !Array.isArray(options)
  if (!plain) {
    throw new EspalierError(
      'option/form',
      `${where} takes its options as an object, got ${describe(options)}`,
      {
        fix: Array.isArray(options)
          ? `call it first, to say how: ${where}()`
          : `say ${where}({ ${known[0]}: … })`,
      },
    )
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown === undefined) return
  const near = nearest(unknown, known)
  throw new EspalierError('option/unknown', `${where} has no option '${unknown}'`, {
    fix: near ? `did you mean ${near}?` : `there are ${known.join(', ')}`,
  })
}

/** The name that is most like a misspelt one, if any is: fastai's spelling (`valid_pct`) is as good as ours. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const plain = (s: string) => s.replaceAll(/[_-]/g, '').toLowerCase()
  const ranked = known
    .map((k) => ({ k, distance: editDistance(plain(name), plain(k)) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  const far = Math.min(name.length - 1, Math.max(1, Math.floor(name.length / 3)))
  return best && best.distance <= far ? best.k : undefined
}

/** How many letters must be put in, taken out or replaced to make one word of the other (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
