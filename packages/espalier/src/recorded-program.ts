import { createHash } from 'node:crypto'
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import type { RunCard } from '@espalier/core'
import { EspalierError } from '@espalier/data'

/** A program that a card names and that was found to be the recorded one. */
export interface RecordedProgram {
  /** Absolute, without links. */
  readonly path: string
  /** As the card has it. */
  readonly shown: string
  readonly args: readonly string[]
}

/**
 * The program of some cards. A card is data that somebody has written: it may name only a file of the project in
 * `folder`, with the very bytes that were recorded. `given` replaces the recorded arguments.
 */
export function recordedProgram(
  cards: readonly RunCard[],
  folder: string,
  given: readonly string[] = [],
): RecordedProgram {
  const [program] = cards.map((card) => card.program)
  if (!program) {
    throw refused('program', 'the card does not name a program', {
      fix: 'start a program from the folder that it lies in or below: node train.js',
    })
  }
  if (cards.some((card) => JSON.stringify(card.program) !== JSON.stringify(program))) {
    throw refused('program', 'the cards of the file are of several programs', {
      fix: 'replay them one by one',
    })
  }
  const path = projectFile(program.path, folder)
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex')
  if (sha256 !== program.sha256) {
    throw refused(
      'changed',
      `${program.path} has the sha256 ${sha256.slice(0, 12)}…, the card says ${program.sha256.slice(0, 12)}…`,
      { fix: 'check out the version that the card is of' },
    )
  }
  const args = given.length > 0 ? given : program.args
  if (args.includes(null)) {
    const at = args.indexOf(null) + 1
    throw refused('arguments', `argument ${at} was a place outside the project, which a card does not tell`, {
      fix: 'give all the arguments again, after --: espalier replay run.json -- …',
    })
  }
  return { path, shown: program.path, args: args as readonly string[] }
}

/** The real path of a file of the project; nothing outside of it and nothing that was installed into it. */
function projectFile(path: string, folder: string): string {
  const fix = 'run it from the folder that the program was started in'
  if (isAbsolute(path) || path.includes('\0'))
    throw refused('outside', `${path} is no path below this folder`, { fix })
  const root = realpathSync(folder)
  const real = realPath(resolve(root, path))
  if (real === undefined) throw refused('missing', `there is no file ${path} here`, { fix })
  const short = relative(root, real)
  const parts = short.split(sep)
  if (isAbsolute(short) || parts[0] === '..')
    throw refused('outside', `${path} leads out of this folder`, { fix })
  if (parts.includes('node_modules')) {
    throw refused('outside', `${path} is no program of this project: it was installed`, {
      fix: 'only programs of your own are replayed',
    })
  }
  return real
}

function realPath(path: string): string | undefined {
  try {
    const real = realpathSync(path)
    return statSync(real).isFile() ? real : undefined
  } catch {
    return undefined
  }
}

function refused(code: string, problem: string, options: { readonly fix: string }): EspalierError {
  return new EspalierError(`replay/${code}`, `cannot replay: ${shownLine(problem)}`, options)
}

/** On one line and without characters that a terminal obeys. */
export function shownLine(text: string): string {
  const line = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`)
  return line.length > 2000 ? `${line.slice(0, 2000)}…` : line
}
