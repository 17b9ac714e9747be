/** `pnpm parity [TASK] [--seeds 3]`: one epoch on both sides from the same weights and photos; how good is what they learn? */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Table } from '@espalier/core'
import { EspalierError, reasonOf } from '@espalier/data'
import { parseLastLine } from '../measurement.js'
import { peerData } from '../peer-data.js'
import { findPeers, type Peers } from '../peers.js'
import { runProgram } from '../program.js'
import { work } from '../run-ours.js'
import { peerProgram } from '../run-peer.js'
import { type Score, withinSpread } from './within-spread.js'

type Compared = 'pets-e2e' | 'unet-camvid'
const all: readonly Compared[] = ['pets-e2e', 'unet-camvid']
const threads = 2

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
  for (const task of all.filter((name) => !positionals.length || positionals.includes(name)))
    if (!(await compared(task, Number(values.seeds), peers))) process.exitCode = 1
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
      const args = [known.folder, task, String(seed), data, weights]
      const peer = await scoreOf(peerProgram('parity.py', args, threads, known))
      pairs.push({ peer, ours: await scoreOf(work(task, { data, seed, weights }, threads)) })
    }
    const rows = pairs.map(({ ours, peer }, i) => [
      42 + i,
      ours.loss,
      peer.loss,
      ours.accuracy,
      peer.accuracy,
    ])
    console.log(
      `${task}\n${new Table(['seed', 'our loss', 'its loss', 'our accuracy', 'its accuracy'], rows).toText()}`,
    )
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

async function scoreOf(program: Parameters<typeof runProgram>[0]): Promise<Score> {
  const { loss, accuracy } = parseLastLine((await runProgram(program)).stdout, program.name)
  return { loss: Number(loss), accuracy: Number(accuracy) }
}
