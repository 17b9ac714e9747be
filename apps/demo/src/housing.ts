import { r2Score, rmse, Table } from '@espalier/core'
import {
  categorify,
  fillMissing,
  normalize,
  partialDependence,
  permutationImportance,
  readCsv,
  TabularDataLoaders,
  tabularLearner,
  topLossRows,
} from '@espalier/tabular'
import { dataFile } from './data-file.js'
import type { Demo } from './demo.js'

export const housing: Demo = {
  about: 'what houses in California cost, by their district; some numbers are missing',
  async run({ data, out, small = false }) {
    const frame = (await readCsv(dataFile(data, 'california_housing.csv.gz'))).map(
      'median_house_value',
      (v) => Math.log(Number(v)),
    )
    console.log(frame.describe().show(12).toText())
    const dls = await TabularDataLoaders.fromFrame(small ? frame.sample(4000) : frame, {
      catNames: ['ocean_proximity'],
      yNames: 'median_house_value',
      procs: [categorify(), fillMissing(), normalize()],
      validPct: 0.2,
      seed: 42,
    })
    using learn = await tabularLearner(dls, { yRange: [9, 13.3], metrics: [rmse(), r2Score()] })
    await learn.fitOneCycle(small ? 4 : 10, 1e-2)
    const [, , error = 0, explained = 0] = learn.recorder.values.at(-1) ?? []

    const importance = await permutationImportance(learn)
    console.log(importance.table().toText())
    await importance.plot().save(`${out}/importance.svg`)
    await (await partialDependence(learn, 'median_income')).plot().save(`${out}/income.svg`)
    console.log((await topLossRows(learn, 3)).show().toText())
    const unknown = { ...frame.row(0), total_bedrooms: null }
    const price = (row: object) => learn.predict(row).then((v) => Math.round(Math.exp(v as number)))
    console.log(
      new Table(
        ['bedrooms', 'price'],
        [
          ['as they are', await price(frame.row(0))],
          ['unknown', await price(unknown)],
        ],
      ).toText(),
    )
    const least = small ? 0.65 : 0.79
    return {
      text: `${(100 * explained).toFixed(1)} % of the variance of the log price explained (at least ${100 * least} %), error ${error.toFixed(3)}`,
      ok: explained >= least,
    }
  },
}
