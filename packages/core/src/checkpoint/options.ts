import { checkOptions, describe, describeNumber, EspalierError } from '@espalier/data'

/** Where and how often a run is written down so that it cannot be lost. */
export interface CheckpointOptions {
  /** A folder for this run alone. */
  readonly dir: string
  /** Writes after so many training steps. */
  readonly everySteps?: number
  /** Writes when so many seconds have passed. Where neither is given: after each epoch. */
  readonly everySeconds?: number
  /** How many states of an unfinished fit are kept. Default 2; those at the end of a fit all are. */
  readonly keep?: number
}

/**
 * True goes on with the run in the folder, or begins it where there is none. What was changed meanwhile is refused,
 * but for the fields that `allow` names.
 */
export type Resume = boolean | { readonly allow: readonly string[] }

/** Throws where a checkpoint is asked for in a way that cannot be. */
export function checkCheckpoint(checkpoint: CheckpointOptions | undefined, resume: Resume): void {
  checkResume(resume)
  if (checkpoint === undefined) {
    if (!resume) return
    throw invalid('resume needs the folder of the run', "say checkpoint: { dir: 'run' }, resume: true")
  }
  const { dir, everySteps, everySeconds, keep } = (checkpoint ?? {}) as Partial<CheckpointOptions>
  if (typeof dir !== 'string' || dir === '') {
    throw invalid(
      `checkpoint needs the path of a folder, got ${describe(checkpoint)}`,
      "say checkpoint: { dir: 'run' }",
    )
  }
  checkOptions('checkpoint', checkpoint, ['dir', 'everySteps', 'everySeconds', 'keep'])
  checkWhole('everySteps', everySteps)
  checkWhole('keep', keep)
  if (everySeconds === undefined || (typeof everySeconds === 'number' && everySeconds > 0)) return
  throw invalid(`everySeconds must be a number above 0, got ${describeNumber(everySeconds)}`, 'say 300')
}

function checkResume(resume: unknown): void {
  if (typeof resume === 'boolean') return
  const { allow } = (resume ?? {}) as { readonly allow?: unknown }
  if (Array.isArray(allow) && allow.every((name) => typeof name === 'string')) return
  throw invalid(
    `resume must be true, false, or say what may have changed, got ${describe(resume)}`,
    "say resume: true, or resume: { allow: ['train'] }",
  )
}

function checkWhole(name: string, value: unknown): void {
  if (value === undefined || (Number.isInteger(value) && Number(value) >= 1)) return
  throw invalid(`${name} must be a whole number from 1, got ${describeNumber(value)}`, 'leave it out')
}

function invalid(problem: string, fix: string): EspalierError {
  return new EspalierError('checkpoint/option', problem, { fix })
}
