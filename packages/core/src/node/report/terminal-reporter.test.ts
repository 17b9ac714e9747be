import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { setPlatform } from '../../platform.js'
import { silentReporter } from '../../report/progress/silent-reporter.js'
import { nodePlatform } from '../platform.js'
import { consoleReporter } from './console-reporter.js'
import { terminalReporter } from './terminal-reporter.js'

/** As much of a terminal as is used: letters, line ends, and erasing to the right or the whole line. */
class Screen {
  readonly lines: string[][] = [[]]
  #column = 0

  write = (text: string): void => {
    const parts = text.match(/\p{Cc}\[[\d;?]*[A-Za-z]|./gsu) ?? []
    for (const part of parts) this.#put(part)
  }

  get text(): string {
    return this.lines.map((line) => line.join('').trimEnd()).join('\n')
  }

  #put(part: string): void {
    const line = this.lines.at(-1)!
    if (part === '\n') {
      this.lines.push([])
      this.#column = 0
    } else if (part === '\r') {
      this.#column = 0
    } else if (part === '\u001b[K') {
      line.length = Math.min(line.length, this.#column)
    } else if (part === '\u001b[2K') {
      line.length = 0
    } else if (part.startsWith('\u001b')) {
      throw new Error(`this screen does not know ${JSON.stringify(part)}`)
    } else {
      while (line.length < this.#column) line.push(' ')
      line[this.#column++] = part
    }
  }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0) // a timer left behind would keep the process alive
  vi.useRealTimers()
})

const columns = ['epoch', 'train_loss', 'valid_loss', 'time']

function start(width = 80) {
  const screen = new Screen()
  const reporter = terminalReporter({ write: screen.write, columns: () => width })
  reporter.fitStart({ epochs: 2, columns })
  return { screen, reporter }
}

test('while an epoch runs, a bar stands under the table', async () => {
  const { screen, reporter } = start()
  reporter.epochStart(0, { batches: 4, validBatches: 2 })
  reporter.phase('train')
  for (const i of [0, 1, 2]) {
    await vi.advanceTimersByTimeAsync(1000)
    reporter.batch(i, { loss: 0.5 })
  }
  await vi.advanceTimersByTimeAsync(1000)
  expect(screen.text).toBe(
    [
      'epoch  train_loss  valid_loss  time',
      'epoch 0 train ██████████████████░░░░░░  3/4  00:01 left  loss 0.500000',
    ].join('\n'),
  )
  reporter.phase('valid')
  reporter.batch(0, {})
  await vi.advanceTimersByTimeAsync(1000)
  expect(screen.text.split('\n')[1]).toMatch(/^epoch 0 valid █{12}░{12} {2}1\/2/)
  await reporter.fitEnd()
})

test('in the end only the table is left', async () => {
  const { screen, reporter } = start()
  for (const epoch of [0, 1]) {
    reporter.epochStart(epoch, { batches: 3, validBatches: 1 })
    for (const phase of ['train', 'valid'] as const) {
      reporter.phase(phase)
      for (const i of [0, 1, 2]) {
        reporter.batch(i, { loss: 123.456 })
        await vi.advanceTimersByTimeAsync(400)
      }
    }
    reporter.row([String(epoch), '0.912345', '0.812345', '00:02'])
  }
  await reporter.fitEnd()
  expect(screen.text).toBe(
    [
      'epoch  train_loss  valid_loss  time',
      '0      0.912345    0.812345    00:02',
      '1      0.912345    0.812345    00:02',
      '',
    ].join('\n'),
  )
})

test('a fit that fails takes its bar away', async () => {
  const { screen, reporter } = start()
  reporter.epochStart(0, { batches: 100 })
  await vi.advanceTimersByTimeAsync(500)
  reporter.batch(3, {})
  await reporter.fitEnd()
  await reporter.fitEnd()
  expect(screen.text).toBe('epoch  train_loss  valid_loss  time\n')
})

test('the bar never wraps', async () => {
  const { screen, reporter } = start(30)
  reporter.epochStart(0, { batches: 4 })
  reporter.batch(1, { loss: 0.5 })
  await vi.advanceTimersByTimeAsync(1000)
  expect(screen.lines[1]).toHaveLength(29)
  await reporter.fitEnd()
})

test('the bar is redrawn a few times a second, however fast the batches are', async () => {
  let writes = 0
  const reporter = terminalReporter({
    write() {
      writes++
    },
    columns: () => 80,
  })
  reporter.fitStart({ epochs: 1, columns })
  reporter.epochStart(0, { batches: 10_000 })
  for (let i = 0; i < 10_000; i++) {
    reporter.batch(i, { loss: i })
    if (i % 10 === 0) await vi.advanceTimersByTimeAsync(1)
  }
  expect(writes).toBeLessThan(60)
  await reporter.fitEnd()
})

test.each([
  ['a terminal', { isTTY: true }, {}, true],
  ['a pipe', { isTTY: false }, {}, false],
  ['a terminal of a CI service', { isTTY: true }, { CI: 'true' }, false],
  ['a terminal with CI unset', { isTTY: true }, { CI: 'false' }, true],
  ['a terminal that cannot erase', { isTTY: true }, { TERM: 'dumb' }, false],
])('%s', async (_, stream, env, watched) => {
  let text = ''
  setPlatform({
    ...nodePlatform,
    write(part) {
      text += part
    },
  })
  const reporter = consoleReporter(stream, env)
  expect(Object.keys(reporter)).toEqual(Object.keys(silentReporter))
  reporter.fitStart({ epochs: 1, columns: ['epoch'] })
  reporter.epochStart(0, { batches: 1 })
  reporter.row(['0'])
  await reporter.fitEnd()
  expect(text.includes('\u001b')).toBe(watched)
  setPlatform(nodePlatform)
})
