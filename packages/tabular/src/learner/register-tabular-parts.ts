import { registerPart } from '@espalier/core'
import { halfFromJson } from '../data/half-transform.js'
import { registerDotBias } from '../models/embedding-dot-bias.js'
import { EmbeddingNN } from '../models/embedding-nn.js'
import { registerTabularModel } from '../models/portable-tabular-model.js'
import { TabularModel } from '../models/tabular-model.js'

/** Lets bundles name the models of tables and ratings, and the steps that prepare a row for them. */
export function registerTabularParts(): void {
  registerPart('transform', 'tabularCats', (options: object) => halfFromJson('cats', options))
  registerPart('transform', 'tabularConts', (options: object) => halfFromJson('conts', options))
  registerTabularModel('tabularModel', (options) => new TabularModel(options))
  registerTabularModel('embeddingNN', (options) => new EmbeddingNN(options))
  registerDotBias()
}
