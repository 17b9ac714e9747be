import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { installedEngine, librariesIn } from './cache.js'
import { locateOneDnn } from './locate-one-dnn.js'
import { locateTensorflow } from './locate-tensorflow.js'
import { libraryNames } from './platform.js'

const names = libraryNames('linux')!

describe.runIf(process.platform === 'linux')('locating the libraries', () => {
  let root: string
  let env: NodeJS.ProcessEnv

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'espalier-locate-'))
    env = { XDG_CACHE_HOME: join(root, 'cache'), PATH: join(root, 'bin') }
    mkdirSync(join(root, 'bin'))
  })
  afterEach(() => rmSync(root, { recursive: true }))

  /** Puts files that are called like the libraries into a folder. */
  const libraries = (folder: string, main = names.tensorflow[0]!, ...others: string[]) => {
    mkdirSync(folder, { recursive: true })
    for (const name of [main, names.framework, ...others]) writeFileSync(join(folder, name), '')
    return folder
  }
  /** A python3 that prints a line. */
  const python = (line: string) => {
    writeFileSync(join(root, 'bin', 'python3'), `#!/bin/sh\necho '${line}'\n`)
    chmodSync(join(root, 'bin', 'python3'), 0o755)
  }
  const source = () => locateTensorflow(env)?.source

  it('takes the folder that it is told', () => {
    env['ESPALIER_TENSORFLOW_DIR'] = libraries(join(root, 'mine'), 'libtensorflow.so.2')
    libraries(librariesIn(installedEngine(false, env)))
    expect(locateTensorflow(env)).toEqual({
      tensorflow: join(root, 'mine', 'libtensorflow.so.2'),
      framework: join(root, 'mine', names.framework),
      source: 'ESPALIER_TENSORFLOW_DIR',
    })
  })

  it('says so when that folder is wrong, instead of looking elsewhere', () => {
    libraries(librariesIn(installedEngine(false, env)))
    env['ESPALIER_TENSORFLOW_DIR'] = root
    expect(() => locateTensorflow(env)).toThrow(
      /ESPALIER_TENSORFLOW_DIR is '.*', where there is no libtensorflow_cc/,
    )
  })

  it('prefers the installed engine to Python and Python to the system', () => {
    env['LD_LIBRARY_PATH'] = libraries(join(root, 'system'))
    expect(source()).toBe('the system')
    python(libraries(join(root, 'site', 'tensorflow')))
    expect(source()).toBe('the Python package tensorflow')
    libraries(librariesIn(installedEngine(false, env)))
    expect(source()).toBe('installed')
    libraries(librariesIn(installedEngine(true, env)))
    expect(source()).toBe('installed with GPU support')
  })

  it('passes over a folder that lacks one of the two', () => {
    mkdirSync(join(root, 'half'))
    writeFileSync(join(root, 'half', names.tensorflow[0]!), '')
    env['LD_LIBRARY_PATH'] = `${join(root, 'half')}:${libraries(join(root, 'whole'))}`
    expect(locateTensorflow(env)?.tensorflow).toBe(join(root, 'whole', names.tensorflow[0]!))
  })

  it('finds oneDNN where it is told, beside libtensorflow, or installed', () => {
    env['ESPALIER_TENSORFLOW_DIR'] = libraries(join(root, 'mine'))
    const tensorflow = locateTensorflow(env)!
    expect(locateOneDnn(tensorflow, env)).toBeUndefined()
    const installed = libraries(librariesIn(installedEngine(false, env)), names.tensorflow[0], names.oneDnn)
    expect(locateOneDnn(tensorflow, env)?.path).toBe(join(installed, names.oneDnn))
    libraries(join(root, 'mine'), names.tensorflow[0], names.oneDnn)
    expect(locateOneDnn(tensorflow, env)?.path).toBe(join(root, 'mine', names.oneDnn))
    env['ESPALIER_ONEDNN'] = join(installed, names.oneDnn)
    expect(locateOneDnn(tensorflow, env)?.path).toBe(join(installed, names.oneDnn))
    env['ESPALIER_ONEDNN'] = 'none'
    expect(locateOneDnn(tensorflow, env)).toBeUndefined()
    env['ESPALIER_ONEDNN'] = join(root, 'nowhere')
    expect(() => locateOneDnn(tensorflow, env)).toThrow('which does not exist')
  })
})
