import { measure, runOurs } from '../run-ours.js'
import { peerProgram } from '../run-peer.js'
import type { Task } from '../task.js'

/** What a training step costs beyond its kernels, with fastai as the peer. */
export const overhead: Task = {
  about: 'a training step of an empty model, less its kernels: what the loop itself costs',
  ours: (conditions) => runOurs('empty-step', {}, conditions),
  peer: ({ threads }, peers) => measure(peerProgram('empty_step.py', [], threads, peers)),
}
