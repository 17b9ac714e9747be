import { createReadStream } from 'node:fs'
import { EspalierError, reasonOf } from '@espalier/data'
import { setOpenFile } from '../read/open-file.js'

setOpenFile(async function* fromDisk(path) {
  try {
    yield* createReadStream(path, { highWaterMark: 1 << 20 })
  } catch (error) {
    throw new EspalierError('file/read', `cannot read '${path}': ${reasonOf(error)}`, {
      fix: 'check the path: it is relative to where the program runs',
      cause: error,
    })
  }
})
