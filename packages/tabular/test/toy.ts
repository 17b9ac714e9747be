import { indexSplitter, Random } from '@espalier/data'
import { TabularDataLoaders, type TabularLoaderOptions } from '../src/data/tabular-data-loaders.js'
import { Frame } from '../src/frame/frame.js'
import { categorify } from '../src/procs/categorify.js'
import { fillMissing } from '../src/procs/fill-missing.js'
import { normalize } from '../src/procs/normalize.js'

const jobs = ['cook', 'clerk', 'baker']

/** People whose score follows from their job, pay and age. */
function people(n = 400): Frame {
  const random = new Random(5, 'people')
  return Frame.fromRows(
    Array.from({ length: n }, (_, i) => {
      const job = random.int(3)
      const age = 20 + random.int(40)
      const pay = random.uniform(1, 9)
      const score = pay + job + (age > 40 ? 1 : 0)
      return {
        job: jobs[job]!,
        age: i % 50 === 3 ? null : age,
        pay,
        score,
        pay2: 2 * pay,
        rich: score > 6.5 ? 'yes' : 'no',
        old: age > 40,
        well: pay > 5,
      }
    }),
  )
}

/** Loaders of them, a quarter of which validates. */
export function toyLoaders<
  const O extends Partial<TabularLoaderOptions> & Pick<TabularLoaderOptions, 'yNames'>,
>(options: O) {
  const frame = people()
  return TabularDataLoaders.fromFrame(frame, {
    catNames: ['job'],
    contNames: ['age', 'pay'],
    procs: [categorify(), fillMissing(), normalize()],
    splitter: indexSplitter(Array.from({ length: 100 }, (_, i) => 4 * i)),
    bs: 32,
    ...options,
  })
}
