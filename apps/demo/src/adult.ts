import { accuracy, rocAucBinary, Table } from '@espalier/core'
import { categoryBlock } from '@espalier/data'
import {
  categorify,
  entityEmbeddings,
  fillMissing,
  normalize,
  readCsv,
  TabularDataLoaders,
  tabularLearner,
} from '@espalier/tabular'
import { dataFile } from './data-file.js'
import type { Demo } from './demo.js'

const kinds = 'workclass education marital_status occupation relationship race sex native_country'
const numbers = 'age fnlwgt education_num capital_gain capital_loss hours_per_week'
const columns = { yNames: 'income', catNames: kinds.split(' '), contNames: numbers.split(' ') }

export const adult: Demo = {
  about: 'whether someone earns more than 50,000 a year, from a census: the official split, five seeds',
  async run({ data, out, small = false }) {
    const read = (part: string) => readCsv(dataFile(data, `adult_${part}.csv.gz`))
    const [train, test] = [await read('train'), await read('test')]
    const [n, m] = small ? [6400, 3000] : [train.length, test.length]
    const frame = train.head(n).concat(test.head(m))
    const rowsFrom = (from: number, length: number) => Array.from({ length }, (_, i) => from + i)

    const rows: [seed: number, accuracy: number, auc: number][] = []
    for (const seed of small ? [0] : [0, 1, 2, 3, 4]) {
      const dls = await TabularDataLoaders.fromFrame(frame, {
        ...columns,
        yBlock: categoryBlock(),
        procs: [categorify(), fillMissing(), normalize()],
        splits: [rowsFrom(0, n), rowsFrom(n, m)],
        bs: 64,
        seed,
      })
      using learn = await tabularLearner(dls, {
        layers: [200, 100],
        metrics: [accuracy, rocAucBinary({ name: 'auc' })],
        verbose: seed === 0,
      })
      await learn.fitOneCycle(2, 5e-3)
      const [, , share = 0, auc = 0] = learn.recorder.values.at(-1) ?? []
      rows.push([seed, share, auc])
      if (seed > 0) continue
      const { label, probabilities } = await learn.predict(frame.row(n))
      console.log(`the first row of the test set: ${label}, ${Math.max(...probabilities).toFixed(3)}`)
      console.log(entityEmbeddings(learn, 'sex').show().toText())
      await learn.export(`${out}/income`)
    }
    console.log(new Table(['seed', 'accuracy', 'auc'], rows).toText())
    const mean = (k: 1 | 2) => rows.reduce((sum, row) => sum + row[k], 0) / rows.length
    const least = small ? 0.8 : 0.85
    return {
      text: `accuracy ${mean(1).toFixed(4)} on the test set (at least ${least}), area under the curve ${mean(2).toFixed(4)}: mean of ${rows.length}`,
      ok: mean(1) >= least,
    }
  },
}
