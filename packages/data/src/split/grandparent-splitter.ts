import type { Splitter } from './splitter.js'

/**
 * Splits by the folder above the label's folder (fastai's `GrandparentSplitter`): `train/cat/1.jpg` trains,
 * `valid/cat/2.jpg` validates, anything else is left out.
 */
export function grandparentSplitter({
  train = 'train',
  valid = 'valid',
}: {
  readonly train?: string | readonly string[]
  readonly valid?: string | readonly string[]
} = {}): Splitter<string> {
  const under = (items: readonly string[], names: string | readonly string[]) =>
    items.flatMap((path, i) => ([names].flat().includes(grandparent(path)) ? [i] : []))
  return (items) => [under(items, train), under(items, valid)]
}

function grandparent(path: string): string {
  return path.replaceAll('\\', '/').split('/').at(-3) ?? ''
}
