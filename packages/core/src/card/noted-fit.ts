import { EspalierError, reasonOf } from '@espalier/data'
import { timeNow } from '../learner/fit-about.js'
import type { Learner } from '../learner/learner.js'
import { isTrial } from '../log/is-trial.js'
import { installedPlatform, platform } from '../platform.js'
import { cardOf, placeOf, programNow } from './card-of.js'
import { cardText } from './card-text.js'
import type { RunCard } from './run-card.js'

/** The variable of the environment that asks any program for its cards, and has the last word on where they go. */
export const cardVariable = 'ESPALIER_CARD'

/** Runs a fit, notes how it ended, and writes the run card where one is wanted, however it ended. */
export async function notedFit(learn: Learner, run: () => Promise<void>): Promise<void> {
  if (isTrial(learn)) return run()
  placeOf(learn)
  const path = installedPlatform()?.machine?.env(cardVariable) || learn.options.card
  if (path) {
    platform() // Better now than after the fit.
    await programNow()
  }
  const { fits } = learn.recorder
  const before = fits.length
  let end = 'over'
  try {
    await run()
  } catch (error) {
    end = wayOf(error)
    throw error
  } finally {
    const record = fits.length > before ? fits.at(-1) : undefined
    if (record?.about) record.about = { ...record.about, end, ended: timeNow() }
    if (path) await writeCard(path, learn)
  }
}

function wayOf(error: unknown): string {
  if (error instanceof Error && error.name === 'Interrupted') return 'interrupted'
  return `failed: ${error instanceof EspalierError ? error.code : 'error'}`
}

/** The cards of this process by file: a program may train several learners. */
const written = new Map<string, Map<number, RunCard>>()
let writing: Promise<void> = Promise.resolve()

/** Writes the card beside those of other learners that go into the same file. A run is not lost for its card. */
async function writeCard(path: string, learn: Learner): Promise<void> {
  writing = writing.then(async () => {
    try {
      const card = await cardOf(learn)
      const cards = written.get(path) ?? new Map<number, RunCard>()
      written.set(path, cards.set(card.learner, card))
      await platform().writeFileAtomic(path, new TextEncoder().encode(cardText([...cards.values()])))
    } catch (error) {
      installedPlatform()?.write(`run card not written: ${reasonOf(error)}\n`)
    }
  })
  await writing
}
