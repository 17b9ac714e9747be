import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'

/** A folder for each test, removed after it; the path of a run in it, which is not there yet. */
export function runFolder(): () => string {
  let dir = ''
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'espalier-run-'))
  })
  afterEach(() => rm(dir, { recursive: true, force: true }))
  return () => `${dir}/run`
}
