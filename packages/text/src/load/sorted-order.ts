import { type EpochOrder, Random } from '@espalier/data'

/** So many batches are sorted together: texts of about one length meet, and yet other ones in each epoch. */
const batchesTogether = 50

/** Positions of texts, the longest first, equally long ones in their order. */
export function byLength(lens: ArrayLike<number>, positions?: readonly number[]): number[] {
  const all = positions ?? Array.from({ length: lens.length }, (_, i) => i)
  return [...all].sort((a, b) => lens[b]! - lens[a]!)
}

/**
 * The order of an epoch of fastai's `SortedDL`, from two permutations: texts of about one length come together, the
 * batch with the longest comes first, that memory may run out at once or not at all, and an incomplete one last.
 */
export function semiSorted(
  lens: ArrayLike<number>,
  bs: number,
  permutation: readonly number[],
  permuteBatches: (n: number) => readonly number[],
): number[] {
  const items = [...permutation]
  const longest = items.indexOf(byLength(lens)[0] ?? 0)
  if (longest > 0) [items[0], items[longest]] = [items[longest]!, items[0]!]
  const sorted = chunked(items, bs * batchesTogether).flatMap((chunk) => byLength(lens, chunk))
  const [first = [], ...rest] = chunked(sorted, bs)
  const last = rest.pop() ?? []
  return [...first, ...permuteBatches(rest.length).flatMap((i) => rest[i]!), ...last]
}

/** The order of each epoch: a function of seed and epoch alone. */
export function sortedOrder(lens: ArrayLike<number>, bs: number): EpochOrder {
  return (epoch, n, seed) =>
    semiSorted(lens, bs, new Random(seed, 'order', epoch).permutation(n), (batches) =>
      new Random(seed, 'batches', epoch).permutation(batches),
    )
}

function chunked<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size))
}
