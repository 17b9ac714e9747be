import { TK_MAJ, TK_REP, TK_UP, TK_WREP } from './special-tokens.js'

/** More repetitions than that are not written out: a model may say any number. */
const mostTimes = 1000

/** How special tokens are undone. */
export interface DecodeSpecTokensOptions {
  /**
   * True repeats every token after a repetition, as fastai does, which never leaves its state again. Default false: one
   * token is repeated.
   */
  readonly asFastai?: boolean
}

/**
 * What special tokens stand for in place of them: `xxmaj hello xxrep 3 !` → `Hello !!!` (fastai's
 * `decode_spec_tokens`).
 */
export function decodeSpecTokens(
  tokens: readonly string[],
  { asFastai = false }: DecodeSpecTokensOptions = {},
): string[] {
  const made: string[] = []
  let rule: string | undefined
  let times: number | undefined
  for (const token of tokens) {
    if (token === TK_MAJ || token === TK_UP || token === TK_REP || token === TK_WREP) {
      rule = token
      if (!asFastai) times = undefined
    } else if (rule === undefined) made.push(token)
    else if (rule === TK_MAJ || rule === TK_UP) {
      made.push(rule === TK_UP ? token.toUpperCase() : capitalized(token))
      rule = undefined
    } else if (times === undefined) {
      times = timesOf(token)
      if (times === undefined) rule = undefined
    } else {
      if (rule === TK_REP) made.push(token.repeat(times))
      else for (let i = 0; i < times; i++) made.push(token)
      if (!asFastai) rule = times = undefined
    }
  }
  return made
}

function capitalized(token: string): string {
  const [first = ''] = token
  return first.toUpperCase() + token.slice(first.length).toLowerCase()
}

function timesOf(token: string): number | undefined {
  return /^[+-]?\d+$/.test(token) ? Math.max(0, Math.min(mostTimes, Number(token))) : undefined
}
