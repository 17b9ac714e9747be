import { join } from 'node:path'
import { root } from '../program.js'
import { measure, runOurs } from '../run-ours.js'
import { peerProgram } from '../run-peer.js'
import type { Task } from '../task.js'

const images = join(root, 'apps/demo/data/pets/images')
const [bs, size, times] = [32, 160, 4]

/** Loading alone; the peer with as many worker processes as there are threads. */
export const loader: Task = {
  about: `an epoch of ${times} × the photos of pets, opened, cropped and shrunk to ${size} px, in batches of ${bs}`,
  ours: (conditions) => runOurs('loader', { images, bs, size, times }, conditions),
  peer: ({ threads }, peers) =>
    measure(peerProgram('loader.py', [images, bs, size, times].map(String), threads, peers)),
}
