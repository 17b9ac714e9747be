import { join } from 'node:path'
import { peerData } from '../peer-data.js'
import { peersFolder } from '../peers.js'
import { runOurs } from '../run-ours.js'
import { runPeer } from '../run-peer.js'
import type { Task } from '../task.js'
import { dataOfPeers } from './learned.js'

/** An epoch on the census, in batches of some size; the peer drawing each row once, as ours does. */
export function tabularTask(bs: 64 | 1024): Task {
  return {
    about: `an epoch of a model of tables on 32,561 rows of the census, in batches of ${bs}`,
    wasm: true,
    ours: async (conditions) => runOurs('tabular', { data: await dataOfPeers(), bs }, conditions),
    peer: async ({ threads }, peers) =>
      runPeer('tabular', { bs: String(bs), sampler: 'perm' }, threads, peers, await peerData(peers)),
  }
}

/** Five epochs of products of vectors on 100,836 ratings, both sides with the same split. */
export const collabTask: Task = {
  about: 'five epochs of a model of 100,836 ratings of films, in batches of 64',
  wasm: true,
  ours: async (conditions) =>
    runOurs(
      'collab',
      { data: await dataOfPeers(), valid: join(peersFolder(), 'splits/movielens_valid.txt') },
      conditions,
    ),
  peer: async ({ threads }, peers) =>
    runPeer('collab', { sampler: 'perm' }, threads, peers, await peerData(peers)),
}
