import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { doctor, engineStatus } from '../src/index.js'
import { libraryNames } from '../src/locate/platform.js'

describe.runIf(process.platform === 'linux')('the doctor', () => {
  let root: string
  let env: NodeJS.ProcessEnv
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'espalier-doctor-'))
    env = { XDG_CACHE_HOME: root, PATH: root }
  })
  afterEach(() => rmSync(root, { recursive: true }))

  it('names every check, what it found, and a fix where something is missing', async () => {
    const checks = await doctor(env)
    expect(checks.map((c) => c.name)).toEqual([
      'Node',
      'platform',
      'processor',
      'memory',
      'UV_THREADPOOL_SIZE',
      'TensorFlow',
      'oneDNN',
      'libgomp',
      'sharp',
      'fonts',
      'python3 with pip',
    ])
    for (const { ok, detail, fix } of checks) {
      expect(detail).not.toBe('')
      expect(fix === undefined).toBe(ok)
    }
    const tensorflow = checks.find((c) => c.name === 'TensorFlow')!
    if (!tensorflow.ok) expect(tensorflow.fix).toContain('espalier engine install')
    expect(checks.at(-1)).toMatchObject({ ok: false, detail: 'there is no python3 on the PATH' })
  })

  it('reports libraries that do not load, without loading them itself', async () => {
    const { tensorflow, framework } = libraryNames()!
    for (const name of [tensorflow[0]!, framework]) writeFileSync(join(root, name), 'no library')
    const { parts, missing } = await engineStatus({
      ...env,
      ESPALIER_TENSORFLOW_DIR: root,
      ESPALIER_ONEDNN: 'none',
    })
    expect(parts).toHaveLength(1)
    expect(parts[0]).toMatchObject({ name: 'TensorFlow', source: 'ESPALIER_TENSORFLOW_DIR', bytes: 20 })
    expect(parts[0]!.problem).toMatch(/file too short|invalid ELF header/)
    expect(missing).toEqual([expect.stringContaining('oneDNN')])
  })
})
