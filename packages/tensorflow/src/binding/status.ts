import { EspalierError } from '@espalier/data'
import type { Pointer } from '../native/library.js'
import type { TensorflowApi } from './api.js'

const resourceExhausted = 8

/** Throws what a status says, in one line that begins with what was being done. */
export function check(api: TensorflowApi, status: Pointer, doing: () => string): void {
  const code = api.code(status)
  if (code === 0) return
  const reason = readable(api.message(status))
  if (code === resourceExhausted) {
    throw new EspalierError('engine/memory', `${doing()}: out of memory (${reason})`, {
      fix: 'use a smaller batch, smaller images or shorter sequences',
    })
  }
  throw new EspalierError('engine/op', `${doing()}: ${reason}`)
}

/** TensorFlow's message without the names of its internal nodes and devices. */
function readable(message: string): string {
  return message
    .split('\n')[0]!
    .replace(/\{\{[^}]*\}\}\s*/g, '')
    .replace(/\s*\[Op:[^\]]*\]/g, '')
    .replace(/\s*\[\[[^\]]*\]\]/g, '')
    .trim()
}
