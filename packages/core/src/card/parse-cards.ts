import { EspalierError } from '@espalier/data'
import { quoted } from '../io/quoted.js'
import { jsonProblem } from '../io/strict-json.js'
import { cardSchema } from './card-schema.js'
import { unpackCurve } from './curve.js'
import { digestOf } from './digest-of.js'
import { cardVersion, type RunCard } from './run-card.js'

/** The largest file that is read as run cards. */
export const maxCardBytes = 32 * 2 ** 20

/**
 * Reads a file of run cards: one, or a list of them where a program trained several learners. Only what the format
 * knows may be in it, and what it says must fit together; nothing in it is ever run or used as a path here.
 *
 * @example
 * const [before] = await parseRunCards(await readFile('run.json'))
 */
export async function parseRunCards(bytes: Uint8Array): Promise<readonly RunCard[]> {
  if (!(bytes instanceof Uint8Array)) throw refused('the bytes of a file are needed')
  if (bytes.length > maxCardBytes)
    throw refused(`it has ${bytes.length} bytes, at most ${maxCardBytes} are read`)
  const json = parsed(bytes)
  const list: readonly unknown[] = Array.isArray(json) ? json : [json]
  if (list.length === 0) throw refused('it holds no card')
  for (const card of list) checkHead(card)
  const schema = await cardSchema()
  const cards: RunCard[] = []
  for (const card of list) {
    const result = schema.safeParse(card)
    if (!result.success) throw refused(result.problem)
    cards.push(result.card)
  }
  for (const card of cards) await checkConsistent(card)
  return cards
}

const hostileKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

function parsed(bytes: Uint8Array): unknown {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw refused('it is not UTF-8')
  }
  const problem = jsonProblem(text, { anyNumber: true })
  if (problem === 'depth') throw refused('it is nested too deeply')
  if (problem === 'duplicate') throw refused('an object of it has a key twice')
  let hostile: string | undefined
  try {
    const json: unknown = JSON.parse(text, (key, value: unknown) => {
      if (hostileKeys.has(key)) hostile = key
      return value
    })
    if (hostile === undefined) return json
  } catch {
    throw refused('it is not JSON')
  }
  throw refused(`it has a key ${quoted(hostile)}`)
}

function checkHead(card: unknown): void {
  const { format, version } = (card ?? {}) as { readonly format?: unknown; readonly version?: unknown }
  if (format !== 'espalier-run-card') throw refused('it does not say that it is a run card of Espalier')
  if (typeof version === 'number' && version > cardVersion) {
    throw new EspalierError(
      'card/too-new',
      `the run card has format ${quoted(version)}, this version of Espalier reads up to ${cardVersion}`,
      { fix: 'update @espalier/core' },
    )
  }
}

/** What was changed by hand or by accident is told: the digest of a card is over all that a run must give again. */
async function checkConsistent({ digest, ...card }: RunCard): Promise<void> {
  for (const { steps, losses, lrs, moms, columns, rows } of card.fits) {
    const lengths = [losses, lrs, moms].map((curve) => unpackCurve(curve).length)
    if (lengths.some((n) => n !== steps) || rows.some((row) => row.length !== columns.length)) {
      throw refused('the curves of a fit have not as many numbers as it has steps and columns')
    }
  }
  if ((await digestOf(card)) !== digest)
    throw refused('its digest is not that of what it says: it was changed')
}

function refused(problem: string): EspalierError {
  return new EspalierError('card/invalid', `not a valid run card: ${problem}`, {
    fix: "run the program again with new Learner(dls, model, { card: 'run.json' })",
  })
}
