import { compareCards } from '../compare-cards.js'
import { readCards } from '../read-cards.js'

/** `espalier diff`: the fields that two run cards have differently, a line each; exit 1 where there are any. */
export async function diffCommand(a: string, b: string): Promise<void> {
  const lines = compareCards(await readCards(a), await readCards(b))
  for (const line of lines) console.log(line)
  if (lines.length === 0) console.log('no difference')
  else process.exitCode = 1
}
