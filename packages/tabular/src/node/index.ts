/**
 * `@espalier/tabular` on Node.
 * @module
 */

import './install.js'

export * from '../index.js'
export { type ReadSqlOptions, readSql } from './read-sql.js'
