import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { engines, gpuEngines, type Wheel } from '../src/install/artifacts.js'
import { installEngine } from '../src/install/install-engine.js'
import { type InstallProgress, installWheels } from '../src/install/install-wheels.js'
import { engineFolder, installedEngine, librariesIn } from '../src/locate/cache.js'
import { locateTensorflow } from '../src/locate/locate-tensorflow.js'

const python = find('python3')
const { platform, arch } = process

/** A program on the path of these tests. */
function find(program: string): string | undefined {
  try {
    return execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}

describe.runIf(platform === 'linux' && python)('installing the engine', () => {
  let root: string
  let env: NodeJS.ProcessEnv
  /** Wheels of the same make, with small content. */
  let wheels: readonly Wheel[]

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'espalier-install-'))
    env = {
      XDG_CACHE_HOME: join(root, 'cache'),
      PATH: `${join(root, 'bin')}:/usr/bin:/bin`,
      WHEELS: join(root, 'wheels'),
    }
    for (const folder of ['bin', 'wheels']) mkdirSync(join(root, folder))
    wheels = engines['linux-x64']!.map((wheel) => ({ ...wheel, sha256: wheelFile(wheel) }))
    pip('cp "$WHEELS/$name.whl" "$dest"')
  })
  afterEach(() => {
    rmSync(root, { recursive: true, force: true })
    vi.restoreAllMocks()
  })

  /** A wheel with the right members and small content; returns its hash. */
  function wheelFile(wheel: Wheel, members: readonly string[] = Object.keys(wheel.files)): string {
    const path = join(root, 'wheels', `${wheel.name}.whl`)
    const script =
      'import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], "w") as z:\n  for n in sys.argv[2:]: z.writestr(n, "library " + n)'
    execFileSync(python!, ['-c', script, path, ...members, 'other/file.txt'])
    return createHash('sha256').update(readFileSync(path)).digest('hex')
  }

  /** A python3 whose `pip download` does what the shell lines say; everything else is the real one's. */
  function pip(...lines: readonly string[]): void {
    const script = [
      '#!/bin/sh',
      'case "$*" in',
      '*"pip download"*)',
      '  while [ $# -gt 1 ]; do [ "$1" = --dest ] && dest=$2; shift; done',
      '  name=$(echo "$1" | cut -d= -f1)',
      ...lines.map((line) => `  ${line}`),
      '  ;;',
      '*"pip --version"*) echo pip 23 ;;',
      `*) exec ${python} "$@" ;;`,
      'esac',
      '',
    ]
    writeFileSync(join(root, 'bin', 'python3'), script.join('\n'))
    chmodSync(join(root, 'bin', 'python3'), 0o755)
  }

  const install = async (onProgress?: (p: InstallProgress) => void, room = 1e6) => {
    const folder = installedEngine(false, env)
    await installWheels({ wheels, folder, room, env, onProgress })
    return folder
  }
  /** What is in the folder of engines, whatever it is called. */
  const left = () => (existsSync(engineFolder(env)) ? readdirSync(engineFolder(env)) : [])

  it('puts the libraries where they are found, tells how it goes and leaves nothing else', async () => {
    const steps: string[] = []
    const folder = await install(({ step, what }) => steps.push(`${step} ${what}`))
    expect(folder).toBe(installedEngine(false, env))
    expect(left()).toEqual([folder.split('/').at(-1)])
    expect(readdirSync(librariesIn(folder)).sort()).toEqual([
      'libdnnl.so.3',
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so.2',
    ])
    expect(readFileSync(join(librariesIn(folder), 'libtensorflow_cc.so.2'), 'utf8')).toBe(
      'library tensorflow/libtensorflow_cc.so.2',
    )
    expect(locateTensorflow(env)?.source).toBe('installed')
    expect(steps).toEqual([
      'check python3 and pip',
      'download tensorflow-cpu 2.21.0',
      'unpack tensorflow-cpu 2.21.0',
      'download onednn-cpu-gomp 2023.2.0',
      'unpack onednn-cpu-gomp 2023.2.0',
      `done ${folder}`,
    ])
  })

  it('replaces an installation that is there, even a damaged one', async () => {
    const folder = await install()
    writeFileSync(join(librariesIn(folder), 'libtensorflow_cc.so.2'), 'damaged')
    await install()
    expect(readFileSync(join(librariesIn(folder), 'libtensorflow_cc.so.2'), 'utf8')).toContain('library')
    expect(left()).toHaveLength(1)
  })

  it('gives one whole engine when several install at once', async () => {
    const folders = await Promise.all(Array.from({ length: 6 }, () => install()))
    expect(new Set(folders).size).toBe(1)
    expect(readdirSync(librariesIn(folders[0]!))).toHaveLength(3)
    expect(left()).toHaveLength(1)
  })

  it('removes what a torn installation left, but not what another one is writing', async () => {
    const parent = engineFolder(env)
    for (const pid of [2 ** 22 + 1, process.pid])
      mkdirSync(join(parent, `.installing-${pid}-abc`), { recursive: true })
    await install()
    expect(left().filter((name) => name.startsWith('.'))).toEqual([`.installing-${process.pid}-abc`])
  })

  const fails = async (message: RegExp | string) => {
    await expect(install()).rejects.toThrow(message)
    expect(left(), 'what is left behind').toEqual([])
  }

  it('refuses a file with another hash, and keeps what was there', async () => {
    const folder = await install()
    wheelFile(wheels[0]!, ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/evil.so'])
    await expect(install()).rejects.toThrow(/tensorflow-cpu.whl is not the file .* its sha256 is/)
    expect(readdirSync(librariesIn(folder))).toHaveLength(3)
    expect(left()).toHaveLength(1)
  })

  it('refuses a torn download', async () => {
    pip('head -c 100 "$WHEELS/$name.whl" > "$dest/$name.whl"')
    await fails('is not the file')
  })

  it('says in a line what is missing', async () => {
    pip('echo "ERROR: No matching distribution found for $name" >&2; exit 1')
    await fails(/^downloading tensorflow-cpu 2.21.0: the package index cannot be reached/)
    pip('echo "WARNING: Retrying after connection broken by NewConnectionError" >&2; exit 1')
    await fails(/^downloading tensorflow-cpu 2.21.0: the package index cannot be reached/)
    pip('echo "OSError: [Errno 28] No space left on device" >&2; exit 1')
    await fails(/^downloading tensorflow-cpu 2.21.0: the disk is full/)
    pip('echo "something else" >&2; exit 3')
    await fails('downloading tensorflow-cpu 2.21.0: something else')
    pip('true')
    await fails('pip left no wheel')
    writeFileSync(
      join(root, 'bin', 'python3'),
      '#!/bin/sh\necho "python3: No module named pip" >&2\nexit 1\n',
    )
    await fails(/^looking for pip: python3 has no pip/)
    rmSync(join(root, 'bin', 'python3'))
    env['PATH'] = join(root, 'bin')
    await fails(/^looking for pip: there is no python3 on the PATH/)
  })

  it('refuses an archive that lacks a library', async () => {
    const sha256 = wheelFile(wheels[0]!, ['tensorflow/libtensorflow_cc.so.2'])
    wheels = [{ ...wheels[0]!, sha256 }]
    await fails(
      /^unpacking tensorflow-cpu 2.21.0: .*no item named 'tensorflow\/libtensorflow_framework.so.2'/i,
    )
  })

  it('wants room before it begins', async () => {
    await expect(install(undefined, 1e18)).rejects.toThrow(/installing the engine needs 1000000000.0 GB/)
    expect(left()).toEqual([])
  })

  it('takes the libraries below a folder too, and nothing that leaves it', async () => {
    const folder = 'nvidia/'
    const members = ['nvidia/cudnn/lib/libcudnn.so.9', 'nvidia/cudnn/include/cudnn.h']
    const wheel = { ...wheels[1]!, files: {}, folder }
    wheels = [{ ...wheel, sha256: wheelFile(wheel, members) }]
    expect(readdirSync(join(await install(), 'nvidia', 'cudnn'))).toEqual(['lib'])
    wheels = [{ ...wheel, sha256: wheelFile(wheel, ['nvidia/lib/../../../evil.so']) }]
    await expect(install()).rejects.toThrow('refused: nvidia/lib/../../../evil.so')
  })

  it('installs into a folder that is a link', async () => {
    mkdirSync(join(root, 'elsewhere'))
    mkdirSync(join(root, 'cache'))
    symlinkSync(join(root, 'elsewhere'), join(root, 'cache', 'espalier'))
    const folder = await install()
    expect(existsSync(join(librariesIn(folder), 'libdnnl.so.3'))).toBe(true)
  })
})

describe('the engine to install', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('is one for each platform that TensorFlow is published for', async () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue('win32')
    await expect(installEngine()).rejects.toThrow(`there is no native engine for win32 on ${arch}`)
    await expect(installEngine({ gpu: true })).rejects.toThrow('there is no native engine for GPUs')
  })

  it('is made of files that are known by their hash', () => {
    for (const wheel of [...Object.values(engines), ...Object.values(gpuEngines)].flat()) {
      expect(wheel.sha256).toMatch(/^[0-9a-f]{64}$/)
      expect(Object.keys(wheel.files).length > 0 || wheel.folder).toBeTruthy()
    }
  })
})
