import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Measurement, parseLastLine, parseMeasurement } from '../measurement.js'
import { othersCores, type Program, type Ran, root, runProgram } from '../program.js'
import { ourThreads, work } from '../run-ours.js'
import { peerProgram } from '../run-peer.js'
import { summarizeSteps } from '../statistics.js'
import type { Task } from '../task.js'

const images = join(root, 'apps/demo/data/pets/images')
const photo = join(images, 'Abyssinian_12.jpg')
const ourProgram = fileURLToPath(new URL('../../programs/start.mjs', import.meta.url))
const [warmup, steps] = [1, 3]

/** From starting a process to the label of a photo: import everything, load an exported model, predict. */
export const start: Task = {
  about: 'a new process until it has labelled a photo with an exported resnet18',
  async prepare({ threads, scratch }, peers) {
    console.log('start: building the packages, exporting a model for each side')
    await runProgram({ name: 'the build', command: process.execPath, args: ['tools/tasks.mjs', 'build'] })
    await runProgram(work('export-model', { images, to: join(scratch, 'ours') }, threads))
    if (peers)
      await runProgram(peerProgram('start.py', ['export', images, join(scratch, 'peer.pkl')], threads, peers))
  },
  ours: ({ threads, scratch }) =>
    measureStarts({
      name: 'start.mjs',
      command: process.execPath,
      args: [ourProgram, join(scratch, 'ours'), photo],
      env: ourThreads(threads),
    }),
  peer: ({ threads, scratch }, peers) =>
    measureStarts(peerProgram('start.py', ['predict', join(scratch, 'peer.pkl'), photo], threads, peers)),
}

/** Starts a program a few times, one after the other; a step is the time until it has printed its line. */
async function measureStarts(program: Program): Promise<Measurement> {
  const all: Ran[] = []
  for (let i = 0; i < warmup + steps; i++) all.push(await runProgram(program))
  const lines = all.map((ran) => parseLastLine(ran.stdout, program.name))
  const sumOf = (name: string) => lines.reduce((sum, line) => sum + Number(line[name]), 0)
  const total: Ran = {
    stdout: '',
    firstLineSeconds: 0,
    seconds: all.reduce((sum, ran) => sum + ran.seconds, 0),
    busySeconds: all.reduce((sum, ran) => sum + ran.busySeconds, 0),
  }
  const times = all.map((ran) => ran.firstLineSeconds)
  const measured = {
    ...lines.at(-1),
    ...summarizeSteps(times, warmup, 1),
    items: 'starts',
    first_step_s: times[0],
    peak_rss_mb: Math.max(...lines.map((line) => Number(line['peak_rss_mb']))),
    cpu_total_s: sumOf('cpu_total_s'),
    others_cores: othersCores(total, sumOf('cpu_total_s')),
  }
  return parseMeasurement(JSON.stringify(measured), program.name)
}
