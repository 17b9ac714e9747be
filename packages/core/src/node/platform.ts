import type { Platform } from '../platform.js'
import {
  appendFile,
  createFile,
  exists,
  fileSize,
  listDir,
  mkdir,
  readFile,
  removeTree,
  rename,
  truncate,
  writeFileAtomic,
  writePieces,
} from './files.js'
import { machineAccess } from './machine.js'
import { processAccess } from './process.js'
import { consoleReporter } from './report/console-reporter.js'
import { createDocument } from './report/document.js'
import { encodeImage, svgToPng } from './report/pictures.js'

/** Node: its file system, its terminal, and sharp for pictures where it is installed. */
export const nodePlatform: Platform = {
  name: 'node',
  readFile,
  writeFileAtomic,
  writePieces,
  createFile,
  appendFile,
  truncate,
  machine: machineAccess,
  process: processAccess,
  mkdir,
  exists,
  fileSize,
  listDir,
  removeTree,
  rename,
  now: () => performance.timeOrigin + performance.now(),
  write: (text) => process.stdout.write(text),
  progress: () => consoleReporter(),
  createDocument,
  encodeImage,
  svgToPng,
}
