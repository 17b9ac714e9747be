import { execFileSync } from 'node:child_process'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ndArray } from '@espalier/data'
import { beforeAll, expect, it } from 'vitest'
import { runWithCuts } from '../../../test/cut-run.js'
import { runFolder } from '../../../test/run-folder.js'
import { useEngine } from '../../engine/engine.js'
import { joinRecords } from '../../learner/fit-record.js'
import { tensorBoard } from './tensor-board.js'
import '../../node/install.js'

/** Reads a folder as TensorBoard does and prints what it would show. */
const script = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2
board = EventAccumulator(sys.argv[1], size_guidance=dict(scalars=0, images=0, tensors=0)).Reload()
tags = board.Tags()
started = plugin_data_pb2.HParamsPluginData.FromString(board.summary_metadata['_hparams_/session_start_info'].plugin_data.content)
hparams = started.session_start_info.hparams
print(json.dumps(dict(
    version=board.file_version,
    scalars={tag: [[e.step, e.value] for e in board.Scalars(tag)] for tag in tags['scalars']},
    images={tag: [[e.step, e.width, e.height, len(e.encoded_image_string)] for e in board.Images(tag)] for tag in tags['images']},
    texts={tag: [e.tensor_proto.string_val[0].decode() for e in board.Tensors(tag)] for tag in board.PluginTagToContent('text')},
    hparams={k: getattr(v, v.WhichOneof('kind')) for k, v in hparams.items()})))
`
const caches = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
const pythons = [
  process.env['ESPALIER_TENSORBOARD_PYTHON'],
  join(caches, 'espalier/tensorboard/bin/python'),
  'python3',
]
const python = pythons.find((python) => {
  try {
    if (python) execFileSync(python, ['-c', 'import tensorboard'], { stdio: 'ignore' })
    return python !== undefined
  } catch {
    return false
  }
})
if (!python)
  console.warn(
    'skipped: no Python with the package tensorboard was found (ESPALIER_TENSORBOARD_PYTHON can name one)',
  )

beforeAll(async () => {
  await useEngine('cpu')
})
const dir = runFolder()

it.skipIf(!python)('TensorBoard itself reads a run that was begun again, and cut twice', async () => {
  const logDir = `${dir()}-board`
  const logger = () =>
    tensorBoard({
      logDir,
      images: () => ({ grey: ndArray('uint8', [4, 6], new Uint8Array(24).fill(99)) }),
      texts: { notes: 'größer' },
      hparams: { lr: 0.01, arch: 'mlp', frozen: true },
    })
  const { losses, rawLosses, values } = joinRecords(await runWithCuts(dir(), [1, 3, 6], logger))
  const shown = JSON.parse(execFileSync(python!, ['-c', script, logDir], { encoding: 'utf8', stdio: 'pipe' }))
  const f = Math.fround
  expect(shown).toMatchObject({
    version: 2,
    // It forgets numbers and pictures of a run that was begun again, but no texts.
    texts: { notes: ['größer', 'größer'] },
    hparams: { lr: 0.01, arch: 'mlp', frozen: true },
  })
  expect(shown.scalars.train_loss).toEqual(losses.map((v, i) => [i + 1, f(v)]))
  expect(shown.scalars.batch_loss).toEqual(rawLosses.map((v, i) => [i + 1, f(v)]))
  expect(shown.scalars.valid_loss).toEqual(values.map(([, v], i) => [4 * i + 4, f(v!)]))
  expect(shown.images.grey).toEqual([4, 8, 12].map((step) => [step, 6, 4, expect.any(Number)]))
})
