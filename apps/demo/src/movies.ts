import { join } from 'node:path'
import { Table } from '@espalier/core'
import { readCsv } from '@espalier/tabular'
import { CollabDataLoaders, collabLearner } from '@espalier/tabular/collab'
import { dataFolder } from './data-folder.js'
import type { Demo } from './demo.js'

export const movies: Demo = {
  about: 'films that someone would like, from 100,836 ratings of MovieLens',
  async run({ data, out, small = false }) {
    const folder = join(await dataFolder(data, { file: 'ml-latest-small.tar.gz' }), 'ml-latest-small')
    const titles = new Map<unknown, string>()
    for (const { movieId, title } of await readCsv(join(folder, 'movies.csv')))
      titles.set(movieId, String(title))
    const all = await readCsv(join(folder, 'ratings.csv'))
    const ratings = small ? all.filter((row) => Number(row['userId']) <= 150) : all
    console.log(ratings.show(5).toText())

    const columns = { user: 'userId', item: 'movieId', rating: 'rating' }
    const dls = await CollabDataLoaders.fromFrame(ratings, { ...columns, range: [0.5, 5], seed: 42 })
    using learn = await collabLearner(dls, { nFactors: 50, yRange: [0, 5.5] })
    await learn.fitOneCycle(5, 5e-3, { wd: 0.1 })
    const [, loss = Number.NaN] = learn.recorder.values.at(-1) ?? []

    const titleOf = (id: unknown) => titles.get(id) ?? String(id)
    const user = 42
    const best = learn.recommend(user, 5)
    console.log(`for user ${user}, who has rated none of them:`)
    const rated = best.map(({ item, rating }) => [titleOf(item), rating])
    console.log(new Table(['film', 'rating'], rated).toText())
    const counts = ratings.groupBy('movieId').agg({ n: 'count' }).sort('n', { descending: true })
    const popular = counts.head(40).column('movieId').values().map(Number)
    console.log(`like ${titleOf(popular[0])}:`)
    const similar = learn.similarItems(popular[0]!, 5).map((s) => [titleOf(s.item), s.similarity])
    console.log(new Table(['film', 'cosine'], similar).toText())
    await learn.embeddingMap({ ids: popular, titleOf }).save(`${out}/films.svg`)

    const most = small ? 1.1 : 0.76
    return {
      text: `mean squared error ${loss.toFixed(3)} after five epochs (at most ${most}), ${best.length} films recommended`,
      ok: loss <= most && best.length === 5,
    }
  },
}
