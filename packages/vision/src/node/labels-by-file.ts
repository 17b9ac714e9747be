import { describe, EspalierError } from '@espalier/data'

/** The label of a file, from lists of both. A file may come several times, but not with different labels. */
export function labelsByFile<L>(files: readonly string[], labels: readonly L[]): (file: string) => L {
  if (!Array.isArray(labels) || labels.length !== files.length) {
    const got = Array.isArray(labels) ? String(labels.length) : describe(labels)
    throw new EspalierError('images/labels', `there are ${files.length} files and ${got} labels`, {
      fix: 'give a list with one label for each file, in their order',
    })
  }
  const known = new Map<string, L>()
  for (const [i, file] of files.entries()) {
    const label = labels[i]!
    if (known.has(file) && JSON.stringify(known.get(file)) !== JSON.stringify(label)) {
      throw new EspalierError(
        'images/two-labels',
        `${file} has two labels: ${describe(known.get(file))} and ${describe(label)}`,
        { fix: 'leave one of its rows out; for photos with several labels give lists, or labelDelim' },
      )
    }
    known.set(file, label)
  }
  return (file) => {
    if (known.has(file)) return known.get(file)!
    throw new EspalierError('images/no-label', `there is no label for ${file}`, {
      fix: 'it was not among the files that were given',
    })
  }
}
