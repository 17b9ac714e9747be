import { measure, runOurs } from '../run-ours.js'
import { peerProgram } from '../run-peer.js'
import type { Task } from '../task.js'

/** What a small operation costs, with PyTorch as the peer. */
export const smallOps: Task = {
  about: 'a thousand additions of four numbers each: the cost of a small operation',
  ours: (conditions) => runOurs('small-ops', {}, conditions),
  peer: ({ threads }, peers) => measure(peerProgram('small_ops.py', [], threads, peers)),
}
