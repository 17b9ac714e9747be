import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import type { RunCard } from '@espalier/core'
import { EspalierError } from '@espalier/data'
import { compareCards } from '../compare-cards.js'
import { readCards } from '../read-cards.js'
import { type RecordedProgram, recordedProgram, shownLine } from '../recorded-program.js'

/**
 * `espalier replay`: runs the program of a run card again and compares what came out. It is shown first, must be the
 * recorded one, and runs only after a yes. Exit 0 where all weights are the same, else 1.
 */
export async function replayCommand(
  card: string,
  given: readonly string[],
  { yes = false }: { readonly yes?: boolean },
): Promise<void> {
  const before = await readCards(card)
  const program = recordedProgram(before, process.cwd(), given)
  const command = ['node', ...process.execArgv, program.shown, ...program.args]
  console.log(`replays ${card}: ${command.map(word).join(' ')}`)
  if (!yes) await askConsent()
  const after = await runAgain(program, before[0]!)
  const same = report(before, after)
  if (!same) process.exitCode = 1
}

/** A word of a command line as a shell would need it, and as a terminal can bear it. */
function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${shownLine(text).replaceAll("'", String.raw`'\''`)}'`
}

async function askConsent(): Promise<void> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new EspalierError(
      'replay/consent',
      'nothing is run without a yes, and there is no terminal to ask on',
      {
        fix: 'look at the command, then say --yes',
      },
    )
  }
  const asking = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await asking.question('run it? [y/N] ').finally(() => asking.close())
  if (/^y(es)?$/i.test(answer.trim())) return
  throw new EspalierError('replay/consent', 'not run')
}

/** Runs the program with the engine and the threads of the card, and gives the cards that it writes. */
async function runAgain({ path, args }: RecordedProgram, { engine }: RunCard): Promise<readonly RunCard[]> {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-replay-'))
  const file = join(folder, 'card.json')
  try {
    const env = {
      ESPALIER_ENGINE: engine.name,
      ...(engine.threads !== null && { ESPALIER_THREADS: String(engine.threads) }),
      ...process.env,
      ESPALIER_CARD: file,
    }
    const child = spawn(process.execPath, [...process.execArgv, path, ...args], { env, stdio: 'inherit' })
    const end = await new Promise<string>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, signal) => resolve(signal ?? `status ${code}`))
    })
    if (existsSync(file)) return await readCards(file)
    throw new EspalierError('replay/no-card', `the program ended with ${end} and has trained nothing`, {
      fix: 'run it by itself and see why',
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Says what came out; whether all weights are the same. */
function report(before: readonly RunCard[], all: readonly RunCard[]): boolean {
  // The recorded file may have been that of one learner of several.
  const places = new Set(before.map((card) => card.learner))
  const after = all.filter((card) => places.has(card.learner))
  const restored = after.find((card) => card.fits.some((fit) => fit.restored))
  if (restored) {
    throw new EspalierError(
      'replay/restored',
      'the program went on from a checkpoint instead of training again: nothing was compared',
      { fix: 'move the folder of its checkpoint away' },
    )
  }
  const same = before.length === after.length && before.every((card, i) => card.weights === after[i]?.weights)
  const lines = compareCards(before, after)
  for (const line of lines) console.log(`  ${line}`)
  const weights = before.map((card) => card.weights.slice(0, 12)).join(', ')
  console.log(same ? `same: the weights have the sha256 ${weights}… again` : 'different')
  return same
}
