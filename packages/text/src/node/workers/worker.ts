/** A thread that tokenizes texts. */
import { parentPort, workerData } from 'node:worker_threads'
import { TextProcessor, type TextProcessorSpec } from '../../tokenize/text-processor.js'
import type { Order } from './messages.js'
import { BatchTokenizer, failureOf } from './tokenize-batch.js'

const port = parentPort
if (!port) throw new Error('this module is for worker threads')
const tokenizer = new BatchTokenizer(TextProcessor.of(workerData as TextProcessorSpec))

port.on('message', (order: Order) => void answer(order))

async function answer(order: Order): Promise<void> {
  try {
    const done = await tokenizer.done(order)
    port!.postMessage(done, [done.ids.buffer as ArrayBuffer, done.lens.buffer as ArrayBuffer])
  } catch (error) {
    port!.postMessage({ batch: order.batch, failure: failureOf(error) })
  }
}
