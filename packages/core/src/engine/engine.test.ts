import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'

/** Runs a few lines in a process of its own, where no engine has been chosen yet; returns what they print. */
function alone(code: string, env: Readonly<Record<string, string>> = {}): unknown {
  const url = new URL('../index.ts', import.meta.url).href
  const source = `
    import * as core from ${JSON.stringify(url)}
    const { useEngine, currentEngine, setNativeEngine, tf } = core
    const attempt = async (f) => { try { return await f() } catch (e) { return { code: e.code, message: e.message } } }
    const print = (v) => process.stdout.write('RESULT ' + JSON.stringify(v))
    ${code}`
  const out = execFileSync(
    process.execPath,
    ['--conditions=espalier-source', '--import', 'tsx', '--input-type=module', '-e', source],
    {
      env: { ...process.env, ESPALIER_ENGINE: '', ...env },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  return JSON.parse(out.slice(out.indexOf('RESULT ') + 7))
}

const noNative = `setNativeEngine(async () => { throw new Error('libtensorflow is not here\\nmore') });`

describe('the engine', () => {
  it('is the fastest that works, and says why it is not a faster one', () => {
    expect(alone(`${noNative} print([await useEngine(), currentEngine().name, await useEngine()])`)).toEqual([
      {
        name: 'wasm',
        version: expect.stringMatching(/^tfjs 4/),
        why: 'no native: libtensorflow is not here',
      },
      'wasm',
      expect.objectContaining({ name: 'wasm' }),
    ])
  })

  it('is the one that ESPALIER_ENGINE names', () => {
    expect(alone(`${noNative} print(await useEngine())`, { ESPALIER_ENGINE: 'cpu' })).toMatchObject({
      name: 'cpu',
      why: 'ESPALIER_ENGINE',
    })
    expect(alone('print(await attempt(() => useEngine()))', { ESPALIER_ENGINE: 'gpu' })).toEqual({
      code: 'engine/unknown',
      message: "there is no engine 'gpu'\n  → one of native, wasm, cpu, webgl",
    })
  })

  it('asked for by name is that or an error, and the old one stays', () => {
    expect(
      alone(`${noNative}
        print([
          await attempt(() => currentEngine()),
          (await useEngine('cpu')).why,
          await attempt(() => useEngine('native')),
          await attempt(() => useEngine('webgl')),
          await attempt(() => useEngine('cuda')),
          currentEngine().name,
          tf.tidy(() => tf.add(1, 2).dataSync()[0]),
        ])`),
    ).toEqual([
      { code: 'engine/unset', message: 'no engine yet\n  → await useEngine() first' },
      'asked for',
      { message: 'libtensorflow is not here\nmore' },
      { code: 'engine/failed', message: expect.stringContaining("the engine 'webgl' could not be started") },
      expect.objectContaining({ code: 'engine/unknown' }),
      'cpu',
      3,
    ])
  })

  it('native that is not installed says how to get it, without a stack of paths', () => {
    expect(
      alone(`
        const missing = (name) => async () => {
          throw Object.assign(new Error("Cannot find package '" + name + "' imported from here"), { code: 'ERR_MODULE_NOT_FOUND' })
        }
        setNativeEngine(missing('@espalier/tensorflow'))
        const { why } = await useEngine()
        const native = await attempt(() => useEngine('native'))
        setNativeEngine(missing('koffi'))
        print([why, native, await attempt(() => useEngine('native'))])`),
    ).toEqual([
      'no native: @espalier/tensorflow is not installed',
      {
        code: 'engine/native',
        message:
          "@espalier/tensorflow is not installed\n  → npm install @espalier/tensorflow, or useEngine('wasm')",
      },
      { code: 'ERR_MODULE_NOT_FOUND', message: "Cannot find package 'koffi' imported from here" },
    ])
  })

  it('switched takes its tensors along', () => {
    expect(
      alone(`
        await useEngine('cpu')
        const v = tf.variable(tf.tensor1d([1, 2, 3]))
        const names = [currentEngine().name]
        await useEngine('wasm')
        names.push(currentEngine().name)
        const there = tf.tidy(() => [...tf.mul(v, 2).dataSync()])
        await useEngine('cpu')
        const back = tf.tidy(() => [...tf.mul(v, 3).dataSync()])
        print([names, there, back])`),
    ).toEqual([
      ['cpu', 'wasm'],
      [2, 4, 6],
      [3, 6, 9],
    ])
  })

  it('leaves no process-wide handlers of errors', () => {
    expect(
      alone(`
        const count = () => ['uncaughtException', 'unhandledRejection'].map((e) => process.listenerCount(e))
        const before = count()
        await useEngine('wasm')
        tf.tidy(() => tf.matMul(tf.ones([8, 8]), tf.ones([8, 8])).dataSync())
        print([before, count()])`),
    ).toEqual([
      [0, 0],
      [0, 0],
    ])
  })

  it('is started once by calls that overlap', () => {
    expect(
      alone(`${noNative}
        let tries = 0
        setNativeEngine(async () => { tries++; await new Promise((r) => setTimeout(r, 50)); throw new Error('no') })
        const [a, b] = await Promise.all([useEngine(), useEngine()])
        print([a === b, tries, a.name])`),
    ).toEqual([true, 1, 'wasm'])
  })
})
