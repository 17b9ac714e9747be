import { join } from 'node:path'
import { peerData } from '../peer-data.js'
import { runOurs } from '../run-ours.js'
import { runPeer } from '../run-peer.js'
import type { Task } from '../task.js'
import { dataOfPeers } from './learned.js'

const n = 2000

/** Tokenizing alone, by as many threads or processes as are compared. */
export const tokenize: Task = {
  about: `${n} reviews into words: rules and spaCy's tokenizer`,
  ours: async (conditions) => {
    const reviews = join(await dataOfPeers(), 'imdb/train')
    return runOurs('tokenize', { reviews, n, workers: conditions.threads }, conditions)
  },
  peer: async ({ threads }, peers) =>
    runPeer('tokenize', { n_workers: '2' }, threads, peers, await peerData(peers)),
}
