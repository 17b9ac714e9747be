import { EspalierError } from '@espalier/data'

/** A file of a checkpoint that is not what was written. */
export function damaged(path: string, problem: string, cause?: unknown): EspalierError {
  return new EspalierError('checkpoint/damaged', `'${path}' is damaged: ${problem}`, {
    fix: 'remove the folder it lies in: an earlier state of the run is used then',
    ...(cause !== undefined && { cause }),
  })
}

/** A state that a newer version of this library has written. */
export function newer(path: string, why: string): EspalierError {
  return new EspalierError('checkpoint/newer', `'${path}' was written by a newer Espalier: ${why}`, {
    fix: 'update @espalier/core, or begin a new run in another folder',
  })
}
