import { expect, test } from 'vitest'
import { logReporter } from './log-reporter.js'

/** Two epochs of four batches, a batch taking `seconds`. */
function log(seconds: number): string {
  let text = ''
  let clock = 0
  const reporter = logReporter({
    write(part) {
      text += part
    },
    now: () => clock * 1000,
  })
  reporter.fitStart({
    epochs: 2,
    columns: ['epoch', 'train_loss', 'valid_loss', 'accuracy', 'time'],
  })
  for (const epoch of [0, 1]) {
    reporter.epochStart(epoch, { batches: 3, validBatches: 1 })
    reporter.phase('train')
    for (const i of [0, 1, 2]) {
      clock += seconds
      reporter.batch(i, { loss: 1 / (i + 1) })
    }
    reporter.phase('valid')
    clock += seconds
    reporter.batch(0, {})
    reporter.row([String(epoch), '0.912345', '0.812345', '0.712345', '00:12'])
  }
  void reporter.fitEnd()
  return text
}

test('a header and a row per epoch, in columns', () => {
  expect(log(1)).toBe(
    [
      'epoch  train_loss  valid_loss  accuracy    time',
      '0      0.912345    0.812345    0.712345    00:12',
      '1      0.912345    0.812345    0.712345    00:12',
      '',
    ].join('\n'),
  )
})

test('within an epoch a line every ten seconds at most', () => {
  expect(log(6)).toBe(
    [
      'epoch  train_loss  valid_loss  accuracy    time',
      'epoch 0: train batch 2 of 3, loss 0.500000',
      'epoch 0: valid batch 1 of 1',
      '0      0.912345    0.812345    0.712345    00:12',
      'epoch 1: train batch 2 of 3, loss 0.500000',
      'epoch 1: valid batch 1 of 1',
      '1      0.912345    0.812345    0.712345    00:12',
      '',
    ].join('\n'),
  )
})

test('no control character, whatever a metric is called', () => {
  let text = ''
  const reporter = logReporter({
    write(part) {
      text += part
    },
    now: () => 0,
  })
  reporter.fitStart({ epochs: 1, columns: ['\u001b[2Jloss', 'a\nb'] })
  reporter.row(['1', '2'])
  expect(text).toBe('�[2Jloss    a b\n1           2\n')
})
