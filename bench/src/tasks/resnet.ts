import type { ResnetOptions } from '../ours/resnet-step.js'
import { runOurs } from '../run-ours.js'
import { runPeer } from '../run-peer.js'
import type { Task } from '../task.js'

/** A training step of a network with a new head on images of noise; the peer in its fastest memory layout. */
export function resnetTask(peer: string, options: ResnetOptions): Task {
  const { arch, bs, size, frozen } = options
  return {
    about: `training step, ${arch} with a new head${frozen ? ', body frozen' : ''}, ${bs} images of ${size} px`,
    ours: (conditions) => runOurs('resnet-step', options, conditions),
    peer: ({ threads }, peers) =>
      runPeer(peer, { frozen: frozen ? 'True' : 'False', layout: 'channels_last' }, threads, peers),
  }
}
