import { expect, test } from 'vitest'
import { jupyterBroadcast, notebookReporter } from './notebook-reporter.js'

interface Sent {
  readonly type: string
  readonly html: string
  readonly id: string
}

function recorded() {
  const sent: Sent[] = []
  let clock = 0
  const reporter = notebookReporter({
    now: () => clock,
    async broadcast(type, content) {
      const { data, transient } = content as {
        data: Record<string, string>
        transient: { display_id: string }
      }
      sent.push({ type, html: data['text/html'] ?? '', id: transient.display_id })
    },
  })
  return {
    sent,
    reporter,
    wait(ms: number) {
      clock += ms
    },
  }
}

test('one output, updated in place: a bar while an epoch runs, in the end only the table', async () => {
  const { sent, reporter, wait } = recorded()
  reporter.fitStart({ epochs: 1, columns: ['epoch', 'train_loss'] })
  reporter.epochStart(0, { batches: 4 })
  wait(300)
  reporter.batch(0, { loss: 0.5 })
  wait(100)
  reporter.batch(1, { loss: 0.5 }) // too soon
  wait(300)
  reporter.batch(2, { loss: 0.25 })
  reporter.row(['0', '0.250000'])
  await reporter.fitEnd()
  expect(sent.map((s) => s.type)).toEqual(['display_data', ...Array(4).fill('update_display_data')])
  expect(new Set(sent.map((s) => s.id)).size).toBe(1)
  expect(sent[1]?.html).toContain('<progress value="1" max="4">')
  expect(sent[2]?.html).toContain('epoch 0, train, loss 0.250000')
  expect(sent.at(-1)?.html).toMatch(/^<table>.*0\.250000.*<\/table>$/)
})

test('two fits have two outputs', async () => {
  const { sent, reporter } = recorded()
  for (const _ of [0, 1]) {
    reporter.fitStart({ epochs: 0, columns: ['epoch'] })
    await reporter.fitEnd()
  }
  expect(new Set(sent.map((s) => s.id)).size).toBe(2)
})

test('a front end that has gone away does not stop the training', async () => {
  const reporter = notebookReporter({
    now: () => 0,
    broadcast: () => Promise.reject(new Error('socket closed')),
  })
  reporter.fitStart({ epochs: 1, columns: ['epoch'] })
  reporter.row(['0'])
  await reporter.fitEnd()
})

test('a Deno notebook is told by its broadcast', async () => {
  const calls: string[] = []
  const broadcast = jupyterBroadcast({
    Deno: {
      jupyter: {
        async broadcast(type: string) {
          calls.push(type)
        },
      },
    },
  })
  await broadcast?.('display_data', {})
  expect(calls).toEqual(['display_data'])
  expect(jupyterBroadcast({})).toBeUndefined()
  const outside = {
    Deno: {
      get jupyter(): never {
        throw new Error('Deno.jupyter is only available in "deno jupyter" subcommand.')
      },
    },
  }
  expect(jupyterBroadcast(outside)).toBeUndefined()
})
