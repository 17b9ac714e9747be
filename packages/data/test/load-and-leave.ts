/** Loads with worker threads, to the end or not; prints when it was done, and how many threads there are. */
import { setTimeout as sleep } from 'node:timers/promises'
import { DataLoader } from '../src/load/data-loader.js'
import '../src/node/install.js'
import { threadPool } from '../src/node/workers/hire-threads.js'
import { shift, whereabouts } from './thread-steps.js'

const dataset = { length: 200, id: String, sample: async (i: number) => [i] }
const dl = new DataLoader(dataset, { bs: 10, workers: 2, itemTfms: [shift({ by: 1 }), whereabouts()] })
for (let inThreads = false; !inThreads; ) {
  for await (const { arrays } of dl.batches()) inThreads ||= arrays.at(-1)!.data[0]! > 0
  await sleep(20)
}
const [, , how] = process.argv
if (how === 'break') for await (const _ of dl.batches(1)) break
if (how === 'again') {
  // What was left early still fills the threads when the next loop begins.
  for (let i = 0; i < 20; i++) {
    for await (const _ of dl.batches(i)) break
    for await (const _ of dl.batches(i)) if (i % 2) break
  }
}
console.log(Date.now(), threadPool()?.size)
