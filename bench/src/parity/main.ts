/** `pnpm parity [TASK] [--seeds 3]`: the same training on both sides; how good is what they learn? */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { EspalierError, reasonOf } from '@espalier/data'
import { parseLastLine } from '../measurement.js'
import { peerData } from '../peer-data.js'
import { findPeers, type Peers } from '../peers.js'
import { runProgram } from '../program.js'
import { work } from '../run-ours.js'
import { peerProgram } from '../run-peer.js'
import { type Score, withinSpread } from './within-spread.js'

/** One epoch from the same weights and photos; or, where it is named, three quarters of an hour of reviews for each seed. */
type Compared = 'pets-e2e' | 'unet-camvid' | 'imdb'
const usual: readonly Compared[] = ['pets-e2e', 'unet-camvid']
const asked: readonly Compared[] = [...usual, 'imdb']
const threads = 2
/** Of the language model of reviews. */
const lmEpochs = 2

try {
  await main()
} catch (error) {
  console.error(reasonOf(error))
  process.exitCode = 1
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { seeds: { type: 'string', default: '3' } },
    allowPositionals: true,
  })
  const peers = findPeers()
  if (!peers) {
    throw new EspalierError('bench/peers', 'parity needs the peers, and there are none', {
      fix: 'let ESPALIER_PEERS name their folder, and run pnpm bench:setup once',
    })
  }
  const unknown = positionals.find((name) => !asked.some((task) => task === name))
  if (unknown)
    throw new EspalierError('bench/task', `there is no parity of '${unknown}'`, { fix: asked.join(', ') })
  const seeds = Number(values.seeds)
  if (!(Number.isInteger(seeds) && seeds >= 1))
    throw new EspalierError('bench/seeds', `--seeds takes a whole number ≥ 1, got '${values.seeds}'`)
  const tasks = positionals.length ? asked.filter((name) => positionals.includes(name)) : usual
  for (const task of tasks) if (!(await compared(task, seeds, peers))) process.exitCode = 1
}

/** Both sides, a seed at a time; whether ours learns as well as the peer. */
async function compared(task: Compared, seeds: number, known: Peers): Promise<boolean> {
  const scratch = await mkdtemp(join(tmpdir(), 'espalier-parity-'))
  try {
    const data = await peerData(known)
    const pairs: { readonly ours: Score; readonly peer: Score }[] = []
    for (let i = 0; i < seeds; i++) {
      const seed = 42 + i
      const weights = join(scratch, `${seed}.safetensors`)
      const args = [
        known.folder,
        task,
        String(seed),
        data,
        weights,
        ...(task === 'imdb' ? [String(lmEpochs)] : []),
      ]
      const peer = await scoreOf(peerProgram('parity.py', args, threads, known))
      const ours =
        task === 'imdb'
          ? work(task, { data, seed, lmEpochs, scratch: false }, threads)
          : work(task, { data, seed, weights }, threads)
      const pair = { peer, ours: await scoreOf(ours) }
      pairs.push(pair)
      console.log(`${task}, seed ${seed}: ours ${textOf(pair.ours)}, the peer ${textOf(peer)}`)
    }
    if (seeds === 1) {
      console.log('one seed says nothing of how far seeds differ: take --seeds 3 for a verdict')
      return true
    }
    const verdicts = (['loss', 'accuracy'] as const).map((name) => {
      const found = withinSpread(
        pairs.map(({ ours }) => ours[name]),
        pairs.map(({ peer }) => peer[name]),
        name === 'loss' ? 'lower' : 'higher',
      )
      console.log(`${found.ok ? '✓' : '✗'} ${name}: ${found.text}`)
      return found.ok
    })
    return verdicts.every(Boolean)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

const textOf = ({ loss, accuracy }: Score) => `loss ${loss.toFixed(4)}, accuracy ${accuracy.toFixed(4)}`

async function scoreOf(program: Parameters<typeof runProgram>[0]): Promise<Score> {
  const { loss, accuracy } = parseLastLine((await runProgram(program)).stdout, program.name)
  return { loss: Number(loss), accuracy: Number(accuracy) }
}
