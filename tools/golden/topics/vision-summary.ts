import { Learner, withoutInit } from '@espalier/core'
import { DataLoader, DataLoaders, type Dataset, datasets, ndArray } from '@espalier/data'
import type { GoldenCase } from '@espalier/testkit'
import { archByName, type BodyAndHead, createVisionModel, metaOf } from '@espalier/vision'
import { type Check, checkValue, unmet } from '../check.js'

interface Config {
  readonly arch: string
  readonly n_out: number
  readonly frozen?: boolean
  readonly bs: number
}

/** The text of a summary: layers with what they give and hold, and the totals. fastai's has other columns. */
export async function runSummary(golden: GoldenCase): Promise<Check[]> {
  const { text, tail = [] } = golden.json.expected as { text: string; tail?: string[] }
  const input = numbersIn(/Input shape: ([\d x]+)/.exec(text)?.[1])
  const { summary, paths } = await summaryOf(golden.json.config as unknown as Config, input)
  const [rows, totals] = [ourRows(summary, paths), ourTotals(summary)]
  const frozen = tail
    .map((line) => /^Model frozen up to parameter group #(\d+)/.exec(line)?.[1])
    .find(Boolean)
  return [
    checkValue(golden, 'layers', rows, theirRows(text)),
    checkValue(golden, 'totals', totals.slice(0, 2), theirTotals(text)),
    ...(frozen === undefined ? [] : [checkValue(golden, 'frozen', totals[2], Number(frozen))]),
    ...unmet(golden, ['text', 'tail']),
  ]
}

async function summaryOf({ arch: name, n_out: nOut, frozen, bs }: Config, [, c, h, w]: readonly number[]) {
  const shape = [h!, w!, c!]
  const sample = async () => [
    ndArray('float32', shape, new Float32Array(h! * w! * c!)),
    ndArray('int32', [], [0]),
  ]
  const dataset: Dataset = { length: bs, sample, id: String }
  const dl = new DataLoader(dataset, { bs })
  const dls = new DataLoaders(dl, dl, { datasets: await datasets<never>([], []) })
  const arch = archByName(name)
  using learn = new Learner(
    dls,
    await withoutInit(() => createVisionModel(arch, nOut, { pretrained: false })),
    {
      splitter: (m) => metaOf(arch).split(m as unknown as BodyAndHead),
      verbose: false,
    },
  )
  if (frozen) learn.freeze()
  return { summary: await learn.summary(), paths: [...learn.model.modules()].map(([path]) => path) }
}

/** Name, output shape in torch's order, parameters, whether they train. */
type Row = readonly [kind: string, shape: readonly number[], params: number, trains: boolean | null]

const numbersIn = (text = ''): number[] =>
  [...text.replaceAll(',', '').matchAll(/\d+/g)].map(([n]) => Number(n))

/** A layer that runs more than once has a line for each; fastai lists it once, where it stands in the model. */
function ourRows(summary: string, paths: readonly string[]): Row[] {
  const byPath = new Map<string, Row>()
  for (const line of summary.split('\n')) {
    const [, path, kind, shape, params, trains] =
      /^(\S+) \((\w+)\) +(\d+(?: × \d+)*) *(?: ([\d,]+) +(yes|no))?\s*$/.exec(line) ?? []
    if (path === undefined) continue
    const sizes = numbersIn(shape)
    const turned = sizes.length === 4 ? [sizes[0]!, sizes[3]!, sizes[1]!, sizes[2]!] : sizes
    byPath.set(path, [
      kind!,
      turned,
      numbersIn(params)[0] ?? 0,
      trains === undefined ? null : trains === 'yes',
    ])
  }
  return paths.flatMap((path) => (byPath.has(path) ? [byPath.get(path)!] : []))
}

function theirRows(text: string): Row[] {
  let shape: number[] = []
  return text.split('\n').flatMap((line): Row[] => {
    if (/^ +\d+( x \d+)* *$/.test(line)) shape = numbersIn(line)
    const [, kind, params, trains] = /^([A-Z]\w+) +(?:(\d+) +(True|False))? *$/.exec(line) ?? []
    if (kind === undefined) return []
    return [[kind, shape, numbersIn(params)[0] ?? 0, trains === undefined ? null : trains === 'True']]
  })
}

function ourTotals(summary: string): number[] {
  const all = numbersIn(/parameters: ([\d,]+)/.exec(summary)?.[1])
  const trainable = numbersIn(/trainable: ([\d,]+)/.exec(summary)?.[1])
  return [...all, ...trainable, ...numbersIn(/frozen up to group (\d+)/.exec(summary)?.[1])]
}

const theirTotals = (text: string): number[] => [
  ...numbersIn(/Total params: ([\d,]+)/.exec(text)?.[1]),
  ...numbersIn(/Total trainable params: ([\d,]+)/.exec(text)?.[1]),
]
