import { describe } from '../describe.js'
import { EspalierError } from '../errors.js'
import type { Random } from '../random/random.js'
import type { Splits } from './splitter.js'

/** Draws `train` and `test` positions so that both hold the classes in the proportions of the whole. */
export function stratified(classes: readonly unknown[], train: number, test: number, random: Random): Splits {
  const members = new Map<unknown, number[]>()
  for (const [i, c] of classes.entries()) {
    const of = members.get(c)
    if (of) of.push(i)
    else members.set(c, [i])
  }
  const groups = [...members.values()]
  checkGroups(members, train, test)
  const counts = groups.map((g) => g.length)
  const toTrain = proportions(counts, train, random)
  const toTest = proportions(
    counts.map((n, c) => n - toTrain[c]!),
    test,
    random,
  )
  const shuffled = groups.map((g) => random.permutation(g.length).map((i) => g[i]!))
  const parts = [
    shuffled.flatMap((g, c) => g.slice(0, toTrain[c])),
    shuffled.flatMap((g, c) => g.slice(toTrain[c], toTrain[c]! + toTest[c]!)),
  ] as const
  const mixed = (part: readonly number[]) => random.permutation(part.length).map((i) => part[i]!)
  return [mixed(parts[0]), mixed(parts[1])]
}

/**
 * How many of each class are drawn: their shares rounded down, and what is missing given to the largest remainders,
 * of equal ones to some at random.
 */
function proportions(counts: readonly number[], draws: number, random: Random): number[] {
  const total = counts.reduce((sum, n) => sum + n, 0)
  const exact = counts.map((n) => (n * draws) / total)
  const drawn = exact.map(Math.floor)
  const missing = draws - drawn.reduce((sum, n) => sum + n, 0)
  const byRemainder = random
    .permutation(counts.length)
    .sort((a, b) => exact[b]! - drawn[b]! - (exact[a]! - drawn[a]!))
  for (const c of byRemainder.slice(0, missing)) drawn[c]!++
  return drawn
}

function checkGroups(members: ReadonlyMap<unknown, readonly number[]>, train: number, test: number): void {
  const [lonely] = [...members].find(([, of]) => of.length < 2) ?? [undefined]
  const problem =
    lonely !== undefined
      ? `the class ${describe(lonely)} has a single item, which cannot be on both sides`
      : train < members.size || test < members.size
        ? `${train} to train and ${test} to validate cannot hold each of the ${members.size} classes`
        : undefined
  if (!problem) return
  throw new EspalierError('split/stratify', `trainTestSplitter: ${problem}`, {
    fix: 'leave out rare classes, hold out more, or do not stratify',
  })
}
