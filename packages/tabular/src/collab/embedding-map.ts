import { type Figure, plotFigure } from '@espalier/core'
import { checkOptions } from '@espalier/data'
import type { CollabLearner } from './collab-learner.js'
import type { IdOf } from './ids.js'
import { principalAxes } from './principal-axes.js'

/** What is drawn, and under which names. */
export interface EmbeddingMapOptions {
  /** Which ones; default: the first 50. */
  readonly ids?: readonly IdOf[]
  /** False draws users. Default true. */
  readonly isItem?: boolean
  /** What a point is called. Default: its id. */
  readonly titleOf?: (id: IdOf) => string
}

/** Points of the map: what it is drawn from. */
export function mapPoints(learn: CollabLearner, options: EmbeddingMapOptions = {}) {
  checkOptions('embeddingMap', options, ['ids', 'isItem', 'titleOf'])
  const { isItem = true, titleOf = String } = options
  const side = isItem ? learn.item : learn.user
  const ids = options.ids ?? side.names.slice(1, 51).map((_, i) => side.id(i + 1))
  const vectors = learn.weight(ids, { isItem })
  const places = principalAxes(vectors.flat(), vectors[0]?.length ?? 0, 2)
  return ids.map((id, i) => ({ id, title: titleOf(id), x: places[i]![0]!, y: places[i]![1] ?? 0 }))
}

/** Items, or users, as points: their vectors in the two directions in which they differ most. */
export function embeddingMap(learn: CollabLearner, options: EmbeddingMapOptions = {}): Figure {
  const points = mapPoints(learn, options)
  const about = options.isItem === false ? 'users' : 'items'
  return plotFigure(
    (plot) => ({
      width: 900,
      height: 640,
      inset: 24,
      marginRight: 160,
      x: { label: 'first component →' },
      y: { label: '↑ second component' },
      marks: [
        plot.dot(points, { x: 'x', y: 'y', r: 3, fill: 'currentColor' }),
        plot.text(points, { x: 'x', y: 'y', text: 'title', textAnchor: 'start', dx: 6, fontSize: 11 }),
      ],
    }),
    { alt: `a map of ${points.length} ${about}: those close together are rated alike` },
  )
}
