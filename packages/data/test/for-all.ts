import { Random } from '@espalier/data'

/** Checks a property in many random cases; the one that fails is named, and is drawn again by its number. */
export async function forAll(
  what: string,
  property: (random: Random, i: number) => void | Promise<void>,
  { times = 60, only }: { readonly times?: number; readonly only?: number } = {},
): Promise<void> {
  for (let i = only ?? 0; i < (only === undefined ? times : only + 1); i++) {
    try {
      await property(new Random(1, what, i), i)
    } catch (error) {
      throw new Error(`${what}, case ${i}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      })
    }
  }
}

/** A random list. */
export function listOf<T>(random: Random, n: number, make: (random: Random) => T): T[] {
  return Array.from({ length: n }, () => make(random))
}
