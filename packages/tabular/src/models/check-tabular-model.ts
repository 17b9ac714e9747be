import { checkOptions, describe, describeNumber, EspalierError } from '@espalier/data'
import type { TabularModelOptions } from './tabular-model.js'

/** The names in {@link TabularModelOptions}; the compiler sees to it that none is left out. */
const names: { readonly [name in keyof Required<TabularModelOptions>]: true } = {
  embSzs: true,
  nCont: true,
  outSz: true,
  layers: true,
  ps: true,
  embedP: true,
  yRange: true,
  useBn: true,
  bnFinal: true,
  bnCont: true,
  act: true,
  linFirst: true,
}

/** Throws where a model cannot be made of these options. */
export function checkTabularModel(options: TabularModelOptions): void {
  checkOptions('TabularModel', options, Object.keys(names))
  const { embSzs, nCont, outSz, layers, ps, yRange } = options
  for (const [what, list] of [
    ['embSzs', embSzs],
    ['layers', layers],
  ] as const) {
    if (!Array.isArray(list)) throw wrong(`${what} must be a list, got ${describe(list)}`)
  }
  const sizes = { outSz, ...named('layers', layers), ...named('embSzs', embSzs.flat()) }
  for (const [what, n] of Object.entries(sizes)) {
    if (!isSize(n) || n < 1) throw wrong(`${what} must be a whole number ≥ 1, got ${describeNumber(n)}`)
  }
  if (!isSize(nCont)) throw wrong(`nCont must be a whole number ≥ 0, got ${describeNumber(nCont)}`)
  if (embSzs.length === 0 && nCont === 0) {
    throw wrong('there is no column: embSzs is empty and nCont is 0', 'name columns in catNames or contNames')
  }
  if (Array.isArray(ps) && ps.length !== layers.length) {
    throw wrong(
      `ps has ${ps.length} probabilities for ${layers.length} hidden layers`,
      'give one for each, or one number for all',
    )
  }
  checkYRange(yRange)
}

/** Throws unless these are two bounds, the lower one first. */
export function checkYRange(yRange: unknown): void {
  if (yRange === undefined) return
  const [low, high, ...more] = Array.isArray(yRange) ? (yRange as unknown[]) : []
  if (Number.isFinite(low) && Number.isFinite(high) && (low as number) < (high as number) && !more.length)
    return
  throw new EspalierError(
    'tabular/y-range',
    `yRange must be two numbers, the lower first, got ${describe(yRange)}`,
    {
      fix: 'say yRange: [0, 5.5]; a little more than the largest target, which a sigmoid never reaches',
    },
  )
}

const isSize = (n: unknown): n is number => Number.isInteger(n) && (n as number) >= 0

const named = (what: string, list: readonly unknown[]) =>
  Object.fromEntries(list.map((n, i) => [`${what}[${i}]`, n]))

function wrong(message: string, fix?: string): EspalierError {
  return new EspalierError('tabular/model', `TabularModel: ${message}`, fix ? { fix } : {})
}
