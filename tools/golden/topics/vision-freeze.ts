import { Learner, type tf, withoutInit } from '@espalier/core'
import { DataLoader, DataLoaders, type Dataset, datasets } from '@espalier/data'
import type { GoldenCase } from '@espalier/testkit'
import { archByName, type BodyAndHead, createVisionModel, metaOf } from '@espalier/vision'
import { type Check, checkValue } from '../check.js'
import { parseCalls } from '../python-call.js'
import { freezes } from './freezing.js'

interface Row {
  readonly arch: string
  readonly train_bn?: boolean
  readonly wd_bn_bias?: boolean
  /** What trains after `freeze`, and how much after every other call, one after the other. */
  readonly trainable: Readonly<Record<string, unknown>>
}

/** Which weights train after each kind of freezing, and which never decay. */
export async function runFreeze(golden: GoldenCase): Promise<Check[]> {
  const checks: Check[] = []
  for (const want of golden.json.expected['rows'] as Row[]) {
    const got = await frozen(want, golden.json.config['n_out'] as number)
    checks.push(checkValue(golden, `${want.arch} train_bn=${want.train_bn}`, got, want))
  }
  return checks
}

async function frozen({ arch: name, trainable, ...flags }: Row, nOut: number) {
  using learn = await visionModelLearner(name, nOut, flags)
  const names = new Map([...learn.model.weights()].map((w) => [w.variable, w.path]))
  const pathsOf = (list: Iterable<tf.Variable>) => [...list].map((v) => names.get(v)!)
  const inOrder = (set: ReadonlySet<tf.Variable>) => pathsOf([...names.keys()].filter((v) => set.has(v)))
  let frozenIdx: number | undefined
  const after = (call: string) => {
    if (!freezes(learn, parseCalls(call)[0]!)) throw new Error(`the golden runner knows no call '${call}'`)
    if (call !== 'freeze') return { n: learn.opt.trainable.length, frozen_idx: learn.opt.frozenIdx }
    frozenIdx = learn.opt.frozenIdx
    return pathsOf(learn.opt.trainable)
  }
  return {
    arch: name,
    ...flags,
    trainable: Object.fromEntries(Object.keys(trainable).map((call) => [call, after(call)])),
    frozen_idx_after_freeze: frozenIdx,
    groups: learn.opt.groups.map(pathsOf),
    no_wd: inOrder(learn.opt.noDecay),
    force_train: inOrder(learn.opt.forceTrain),
  }
}

async function visionModelLearner(
  name: string,
  nOut: number,
  { train_bn, wd_bn_bias }: Omit<Row, 'arch' | 'trainable'>,
) {
  const arch = archByName(name)
  const dataset: Dataset = { length: 1, sample: async () => [], id: String }
  const dl = new DataLoader(dataset)
  const dls = new DataLoaders(dl, dl, { datasets: await datasets<never>([], []) })
  return new Learner(dls, await withoutInit(() => createVisionModel(arch, nOut, { pretrained: false })), {
    splitter: (m) => metaOf(arch).split(m as unknown as BodyAndHead),
    ...(train_bn !== undefined && { trainBn: train_bn }),
    ...(wd_bn_bias !== undefined && { wdBnBias: wd_bn_bias }),
    verbose: false,
  })
}
