/** `pnpm bench:setup`: makes the Python environment of the peers, once. */
import { EspalierError, reasonOf } from '@espalier/data'
import { setUp } from './environment.js'
import { findPrograms, peersFolder } from './peers.js'

try {
  const folder = findPrograms()
  if (folder === undefined) {
    throw new EspalierError('bench/peers', `there are no peers in ${peersFolder()}`, {
      fix: 'let ESPALIER_PEERS name their folder; without them pnpm bench measures Espalier alone',
    })
  }
  await setUp(folder)
} catch (error) {
  console.error(reasonOf(error))
  process.exitCode = 1
}
