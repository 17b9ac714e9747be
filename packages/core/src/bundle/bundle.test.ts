import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EspalierError, ndArray } from '@espalier/data'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { features, Mlp, type ToyLearner, toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import { Linear } from '../nn/linear.js'
import { platform, setPlatform } from '../platform.js'
import '../node/install.js'
import { type BundleSource, loadLearner } from './load-learner.js'
import { registerPart } from './parts.js'

const portable = (name: string) => ({ name, toJSON: () => ({}) })
const root = mkdtempSync(join(tmpdir(), 'espalier-bundle-'))
afterAll(() => rmSync(root, { recursive: true }))

beforeAll(async () => {
  await useEngine('cpu')
  registerPart('model', 'toyMlp', () => new Mlp())
  registerPart('transform', 'features', () => ({
    name: 'features',
    encode: (item) => ndArray('float32', [4], features(item as string)),
  }))
})

/** A learner that can be exported: its model and its first transform say how they are made again. */
async function exportable(): Promise<ToyLearner> {
  const dls = await toyLoaders()
  const step = dls.datasets.pipelines[0]!.transforms.find((t) => t.name === 'features')!
  Object.assign(step, portable('features'))
  return toyLearner(dls, { portable: portable('toyMlp') })
}

async function exported(name: string): Promise<string> {
  using learn = await exportable()
  await learn.export(join(root, name))
  return join(root, name)
}

it('what was exported predicts the same, and another export replaces it', async () => {
  using learn = await exportable()
  await learn.fit(2, 1e-2)
  const path = join(root, 'same')
  for (const place of [path, `${path}/`]) {
    await learn.export(place)
    expect(readdirSync(path).sort()).toEqual(['README.md', 'model.json', 'weights.safetensors'])
    using loaded = await loadLearner<{ readonly label: string; readonly probabilities: Float32Array }>(path)
    for (const item of ['row 1', 'row 50']) {
      const [got, want] = [await loaded.predict(item), await learn.predict(item)]
      expect(got.label).toBe(want.label)
      expect([...got.probabilities]).toEqual([...want.probabilities])
    }
  }
  expect(readdirSync(root).filter((n) => n.startsWith('same'))).toEqual(['same'])
})

it('what is done to a batch before it is stacked travels with the model, or is asked for', async () => {
  const negate = (samples: readonly (readonly unknown[])[]) =>
    samples.map(([x, ...rest]) => {
      const { data } = x as { readonly data: Float32Array }
      return [
        ndArray(
          'float32',
          [4],
          data.map((v) => -v),
        ),
        ...rest,
      ]
    })
  const step = { name: 'negate', encodeSamples: negate }
  const negating = async (t: typeof step) => {
    using plain = await exportable()
    return toyLearner(plain.dls.with({ beforeBatch: [t] }) as never, { portable: portable('toyMlp') })
  }
  using unnamed = await negating(step)
  await expect(unnamed.export(join(root, 'negated'))).rejects.toThrow(
    "the step before the batch 'negate' cannot be exported",
  )
  registerPart('beforeBatch', 'negate', () => step)
  using learn = await negating({ ...step, ...portable('negate') })
  await learn.export(join(root, 'negated'))
  using loaded = await loadLearner<{ readonly probabilities: Float32Array }>(join(root, 'negated'))
  const [got, want] = [await loaded.predict('row 1'), await learn.predict('row 1')]
  expect([...got.probabilities]).toEqual([...want.probabilities])
})

describe('export', () => {
  const refused = async (path: unknown, message: string | RegExp) => {
    using learn = await exportable()
    const error = await learn.export(path as string).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(EspalierError)
    expect((error as Error).message).toMatch(message)
  }

  it('does not replace a file, nor a folder with anything else in it', async () => {
    const file = join(root, 'precious.txt')
    writeFileSync(file, 'precious')
    await refused(
      file,
      `cannot export to '${file}': there is a file of that name\n  → export replaces nothing but exported models: choose another folder, such as '${file}-model'`,
    )
    expect(readFileSync(file, 'utf8')).toBe('precious')
    for (const suffix of ['', '.exporting', '.replaced']) {
      const folder = join(root, `mine${suffix}`)
      mkdirSync(folder)
      writeFileSync(join(folder, 'notes.txt'), 'precious')
      await refused(join(root, 'mine'), `cannot export to '${folder}': the folder holds notes.txt`)
      expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('precious')
      rmSync(folder, { recursive: true })
    }
  })

  it('takes an empty folder', async () => {
    mkdirSync(join(root, 'empty'))
    expect(readdirSync(await exported('empty'))).toHaveLength(3)
  })

  it('needs a path', async () => {
    for (const path of [undefined, '', 5]) {
      await refused(path, /^export needs the path of a folder, got .*\n {2}→ say learn\.export\('breeds'\)$/)
    }
  })

  it('that fails leaves what was there, and nothing else', async () => {
    const path = await exported('kept')
    const weights = readFileSync(join(path, 'weights.safetensors'))
    const real = platform()
    for (const [name, nth] of [
      ['writeFileAtomic', 1],
      ['writeFileAtomic', 3],
      ['rename', 1],
      ['rename', 2],
    ] as const) {
      let n = 0
      const failing = (...args: [string, never]) => {
        if (++n === nth) throw new EspalierError('test', 'disk full')
        return real[name](...args)
      }
      setPlatform({ ...real, [name]: async (...args: [string, never]) => failing(...args) })
      await refused(path, 'disk full')
      setPlatform(real)
      expect(readFileSync(join(path, 'weights.safetensors'))).toEqual(weights)
      expect(readdirSync(root).filter((entry) => entry.startsWith('kept'))).toEqual(['kept'])
    }
  })

  it('names the part that cannot be written down', async () => {
    using learn = toyLearner(await toyLoaders())
    await expect(learn.export(join(root, 'never'))).rejects.toThrow(
      "the model 'Mlp' cannot be exported: it does not say how to make it again\n  → give it toJSON() and register a factory",
    )
    expect(existsSync(join(root, 'never'))).toBe(false)
  })
})

describe('loadLearner refuses', () => {
  const refused = async (source: unknown, message: string | RegExp) => {
    const error = await loadLearner(source as BundleSource).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(EspalierError)
    expect((error as Error).message).toMatch(message)
  }

  it('what is no exported model, and says what it is', async () => {
    const path = await exported('good')
    const none = (folder: string, why: string) =>
      refused(folder, `there is no exported model in '${folder}': ${why}`)
    await none('no/where', 'there is no such folder\n  → check the path; learn.export wrote it')
    await none(join(path, 'model.json'), 'it is a file\n  → give the folder that it lies in')
    await none(root, 'it holds no model.json\n  → give the folder that learn.export wrote')
    await refused(undefined, "a model is loaded from a folder, got undefined\n  → say loadLearner('breeds')")
    await refused({}, 'got {}')
    await refused('', 'got string ""')
    await refused('https://example.com/breeds', /got string "https:.*\n {2}→ for an address give a function/)
  })

  type Json = { [key: string]: Json } & { name: string; options: Json; sha256: string; version: number }
  const changed = async (name: string, change: (manifest: Json) => void) => {
    const path = join(root, name)
    cpSync(await exported('original'), path, { recursive: true })
    const manifest = JSON.parse(readFileSync(join(path, 'model.json'), 'utf8')) as Json
    change(manifest)
    writeFileSync(join(path, 'model.json'), JSON.stringify(manifest))
    return path
  }

  it('weights that were changed, cut off or taken away', async () => {
    const path = await changed('damaged', () => {})
    const file = join(path, 'weights.safetensors')
    const bytes = readFileSync(file)
    for (const other of [Buffer.alloc(0), bytes.subarray(0, 100), Buffer.from(bytes).fill(1, 700, 701)]) {
      writeFileSync(file, other)
      await refused(
        path,
        /^cannot load '.*damaged': weights\.safetensors has the sha256 [0-9a-f]{12}…, model\.json says [0-9a-f]{12}…\n {2}→ copy or export the model again$/,
      )
    }
    rmSync(file)
    await refused(path, `there is no exported model in '${path}': it holds no weights.safetensors`)
  })

  it('a manifest that is none, or says more or less than it may', async () => {
    const broken = await changed('broken', () => {})
    writeFileSync(join(broken, 'model.json'), 'x')
    await refused(
      broken,
      /^cannot load '.*broken': not a valid model: model\.json is not JSON\n {2}→ export the model again/,
    )
    writeFileSync(join(broken, 'model.json'), '{}')
    await refused(broken, 'model.json does not say that it is a model of Espalier')
    await refused(await changed('extra', (m) => Object.assign(m, { run: 'x' })), 'Unrecognized key: "run"')
    await refused(
      await changed('new', (m) => {
        m.version = 9
      }),
      'the model has format 9, this version of Espalier reads up to 1\n  → update @espalier/core',
    )
    await refused(
      await changed('unknown', (m) => {
        m['model']!.name = 'constructor'
      }),
      /the model needs the model 'constructor', which is not known here\n {2}→ .*known: .*toyMlp/,
    )
  })

  it('a vocabulary that is none, or not that of the model', async () => {
    await refused(
      await changed('none', (m) => {
        m['target']!.options = {} as Json
      }),
      "the options of the target 'categorize' are not valid: a vocabulary is a list of labels, got []",
    )
    const path = await changed('longer', (m) => {
      Object.assign(m['target']!.options, { vocab: ['a', 'b', 'c', 'd'] })
    })
    using learn = await loadLearner(path)
    await expect(learn.predict('row 1')).rejects.toThrow(
      'the model has 3 outputs, its vocabulary 4 classes\n  → they belong to different data',
    )
  })

  it('weights of another model', async () => {
    registerPart('model', 'smaller', () => new Linear(4, 3))
    const path = await changed('smaller', (m) => {
      m['model']!.name = 'smaller'
    })
    await refused(
      path,
      /^cannot load '.*smaller': these weights do not fit the Linear: 2 missing: weight, bias; 8 unexpected: hidden\.weight, .* and 3 more\n {2}→ check/,
    )
  })
})

it('a loaded learner predicts, and says why it can do nothing else', async () => {
  using learn = await loadLearner(await exported('alone'))
  const noItems = 'there are no training items\n  → a model that was loaded only predicts'
  await expect(learn.fit(1)).rejects.toThrow(noItems)
  await expect(learn.fineTune(1)).rejects.toThrow(noItems)
  await expect(learn.fitOneCycle(1)).rejects.toThrow(noItems)
  await expect(learn.lrFind()).rejects.toThrow(noItems)
  await expect(learn.validate()).rejects.toThrow(
    'there is nothing to validate: the loader is empty\n  → hold out',
  )
  await expect(learn.getPreds()).rejects.toThrow(
    'there is nothing to predict: the loader is empty\n  → give items',
  )
  await expect(learn.interpret()).rejects.toThrow('there is nothing to predict')
  await expect(learn.summary()).rejects.toThrow('the training loader has no batch\n  → it has no items')
})
