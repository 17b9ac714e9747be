import { EspalierError, listed } from '@espalier/data'

/** The error for a column that there is not. */
export function missingColumn(name: string, names: readonly string[], of = 'the frame'): EspalierError {
  const plain = (s: string) => s.toLowerCase().replaceAll(/[\s_.-]/g, '')
  const near = names.find((other) => plain(other) === plain(String(name)))
  return new EspalierError('frame/column', `${of} has no column '${name}'`, {
    fix: near ? `did you mean '${near}'?` : `it has ${listed(names, 10) || 'none'}`,
  })
}
