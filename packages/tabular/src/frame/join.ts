import { checkOptions, describe, EspalierError } from '@espalier/data'
import type { Columns } from './column.js'
import type { Frame } from './frame.js'
import { keysOf } from './keys.js'

/** How two frames are joined. */
export interface JoinOptions {
  /** The columns that must hold the same; missing values match nothing. */
  readonly on: string | readonly string[]
  /** `'inner'` leaves out rows that match none, `'left'` keeps them. Default `'inner'`. */
  readonly how?: 'inner' | 'left'
  /** Is put behind names of the other frame that are there already. Default `'_right'`. */
  readonly suffix?: string
}

/** The rows of a frame beside those of another; rows that match several come as often. */
export function joinFrames(left: Frame, right: Frame, options: JoinOptions): Columns {
  checkOptions('join', options, ['on', 'how', 'suffix'])
  const { on, how = 'inner', suffix = '_right' } = options
  if (how !== 'inner' && how !== 'left') {
    throw new EspalierError('frame/join', `join: how must be 'inner' or 'left', got ${describe(how)}`)
  }
  const names = [on].flat()
  const columns = [left, right].map((frame) => names.map((name) => frame.column(name)))
  const [mine, theirs] = columns as [(typeof columns)[0], (typeof columns)[0]]
  for (const [k, name] of names.entries()) {
    const kinds = [mine[k]!.kind, theirs[k]!.kind]
    if (kinds[0] === kinds[1]) continue
    throw new EspalierError(
      'frame/join',
      `join: column '${name}' holds ${kinds.join(' on the left and ')} on the right`,
      {
        fix: `make them one kind first: frame.map('${name}', String)`,
      },
    )
  }
  const places = new Map<string, number[]>()
  const [leftKey, rightKey] = [keysOf(mine), keysOf(theirs)]
  for (let j = 0; j < right.length; j++) {
    if (theirs.some((c) => c.isMissing(j))) continue
    const key = rightKey(j)
    const found = places.get(key)
    if (found) found.push(j)
    else places.set(key, [j])
  }
  const at: [number[], number[]] = [[], []]
  for (let i = 0; i < left.length; i++) {
    const found = mine.some((c) => c.isMissing(i)) ? undefined : places.get(leftKey(i))
    for (const j of found ?? (how === 'left' ? [-1] : [])) {
      at[0].push(i)
      at[1].push(j)
    }
  }
  const rest = right.names.filter((name) => !names.includes(name))
  return new Map([
    ...left.names.map((name) => [name, left.column(name).take(at[0])] as const),
    ...rest.map((name) => [left.has(name) ? name + suffix : name, right.column(name).take(at[1])] as const),
  ])
}
