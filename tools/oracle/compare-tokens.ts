/**
 * Compares the tokens of every review of a table with those that fastai and spaCy make of it; exits with 1 where fewer
 * than 99.99 % of the reviews agree:
 *
 *     node tools/run.mjs tools/oracle/compare-tokens.ts imdb_10k.csv.gz --python python3
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'
import { csvRows, TextProcessor } from '@espalier/text'

const { values, positionals } = parseArgs({
  options: { python: { type: 'string', default: process.env['ESPALIER_PYTHON'] ?? 'python3' } },
  allowPositionals: true,
})
const [table] = positionals
if (!table) throw new Error('say which table: a .csv.gz with a column text')

const script = new URL('text_tokens.py', import.meta.url).pathname
const oracle = spawnSync(values.python, [script, '--csv', table], { encoding: 'utf8', maxBuffer: 2 ** 28 })
if (oracle.error || oracle.status !== 0) {
  console.log(
    `not compared: ${values.python} has no fastai and spaCy here (${oracle.error ?? oracle.stderr.trim().split('\n').at(-1)})`,
  )
  process.exit(0)
}
const wanted = oracle.stdout.trim().split('\n')

const processor = new TextProcessor()
let [n, equal] = [0, 0]
for await (const row of csvRows(table)) {
  const text = row['text'] ?? ''
  const digest = createHash('sha256').update(processor.tokens(text).join(' ')).digest('hex').slice(0, 8)
  if (digest === wanted[n]) equal++
  else console.log(`review ${n} differs: ${JSON.stringify(text.slice(0, 80))}`)
  n++
}
console.log(`${equal} of ${n} reviews have the same tokens (${((100 * equal) / n).toFixed(3)} %)`)
if (n !== wanted.length || equal < 0.9999 * n) process.exit(1)
