import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { describeNative } from './support/native.js'

const run = promisify(execFile)
const entry = new URL('../src/index.ts', import.meta.url).href

/** Runs lines of TypeScript that find the native engine, in a process of their own. */
const script = (lines: string, env: NodeJS.ProcessEnv = {}) =>
  run(
    process.execPath,
    [
      '--conditions=espalier-source',
      '--import',
      'tsx',
      '--input-type=module',
      '-e',
      `import { setNativeEngine, tf, useEngine } from '@espalier/core'
      setNativeEngine(() => import('${entry}'))
      ${lines}`,
    ],
    { cwd: new URL('..', import.meta.url).pathname, env: { ...process.env, ...env } },
  )

describeNative('a process with the native engine', () => {
  it('starts, computes and ends without a word from the libraries', async () => {
    const { stdout, stderr } = await script(`
      const { name, version } = await useEngine()
      console.log(name, version, tf.getBackend())
      const x = tf.ones([2, 3])
      console.log(tf.matMul(x, x, false, true).dataSync().join(' '))`)
    expect(stdout).toMatch(/^native TensorFlow 2\.\d+\.\d+(, oneDNN 3\.\d+\.\d+)? tensorflow\n3 3 3 3\n$/)
    expect(stderr).toBe('')
  })

  it('shares one tfjs with core', async () => {
    const { stdout } = await script(`
      await useEngine('native')
      const { createRequire } = await import('node:module')
      const require = createRequire('${entry}')
      console.log(require('@tensorflow/tfjs').engine() === tf.engine(), require('@tensorflow/tfjs').Tensor === tf.Tensor)`)
    expect(stdout).toBe('true true\n')
  })

  it('uses as many threads as it is told', async () => {
    const { stdout } = await script(
      `await useEngine('native')
      console.log(process.env.OMP_NUM_THREADS)`,
      { ESPALIER_THREADS: '1' },
    )
    expect(stdout).toBe('1\n')
  })

  it('says what to do when the libraries are not there', async () => {
    const failure = script('await useEngine("native")', { ESPALIER_TENSORFLOW_DIR: '/nowhere' })
    await expect(failure).rejects.toThrow(
      /ESPALIER_TENSORFLOW_DIR is '\/nowhere', where there is no libtensorflow/,
    )
  })
})
