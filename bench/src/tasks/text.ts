import { join } from 'node:path'
import type { TextSize } from '../ours/lm-step.js'
import { peerData } from '../peer-data.js'
import { runOurs } from '../run-ours.js'
import { runPeer } from '../run-peer.js'
import type { Task } from '../task.js'
import { dataOfPeers } from './learned.js'

/** Steps of a language model, both sides on the same reviews. */
export function lmTask(size: TextSize, about: string): Task {
  return {
    about,
    ours: async (conditions) => {
      const reviews = join(await dataOfPeers(), 'imdb/train')
      return runOurs('lm-step', { reviews, size }, conditions)
    },
    peer: async ({ threads }, peers) => runPeer('lm', { cfg: size }, threads, peers, await peerData(peers)),
  }
}

/** An epoch of a small classifier of reviews. */
export const clasTask: Task = {
  about: 'an epoch of an AWD-LSTM 200/400/2 that classifies 500 reviews',
  ours: async (conditions) => {
    const imdb = join(await dataOfPeers(), 'imdb')
    return runOurs('clas-epoch', { imdb }, conditions)
  },
  peer: async ({ threads }, peers) =>
    runPeer('clas', { cfg: 'small' }, threads, peers, await peerData(peers)),
}
