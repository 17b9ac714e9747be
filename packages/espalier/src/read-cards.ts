import { statSync } from 'node:fs'
import { parseRunCards, platform, type RunCard } from '@espalier/core'
import { EspalierError, reasonOf } from '@espalier/data'

/** A file this large is not even opened. */
const most = 2 ** 30

/** The cards of a file, in the order of their learners; errors name the file. */
export async function readCards(path: string): Promise<readonly RunCard[]> {
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat && (!stat.isFile() || stat.size > most)) {
      throw new EspalierError('card/file', stat.isFile() ? `it has ${stat.size} bytes` : 'it is no file', {
        fix: 'give the file that a run has written',
      })
    }
    const cards = await parseRunCards(await platform().readFile(path))
    return [...cards].sort((a, b) => a.learner - b.learner)
  } catch (error) {
    if (error instanceof EspalierError && error.code === 'file/read') throw error
    const code = error instanceof EspalierError ? error.code : 'card/file'
    throw new EspalierError(code, `'${path}': ${reasonOf(error)}`, { cause: error })
  }
}
