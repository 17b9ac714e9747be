import { EspalierError } from '@espalier/data'
import { peerData } from '../peer-data.js'
import { findPeers } from '../peers.js'
import { runOurs } from '../run-ours.js'
import { runPeer } from '../run-peer.js'
import type { Task } from '../task.js'

/** Which task of the peers, and which of its variants. */
export interface LearnedTask {
  readonly about: string
  readonly only: Readonly<Record<string, string>>
}

/** An epoch of learning from files, both sides reading the data of the peers. */
export function learnedTask(name: 'pets-e2e' | 'unet-camvid', { about, only }: LearnedTask): Task {
  return {
    about,
    ours: async (conditions) => runOurs(name, { data: await dataOfPeers(), seed: 42 }, conditions),
    peer: async ({ threads }, peers) => runPeer(name, only, threads, peers, await peerData(peers)),
  }
}

/** What the peers read, which Espalier reads alone as well. */
export async function dataOfPeers(): Promise<string> {
  const peers = findPeers()
  if (peers) return peerData(peers)
  throw new EspalierError('bench/data', 'the data of this task come with the peers, and there are none', {
    fix: 'let ESPALIER_PEERS name their folder, and run pnpm bench:setup once',
  })
}
