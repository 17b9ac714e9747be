interface Node {
  readonly next: Map<string, Node>
  meant?: readonly string[]
}

interface Match {
  readonly start: number
  readonly end: number
  /** What it means; undefined where white space divides it. */
  readonly meant: readonly string[] | undefined
}

/** Sequences of tokens that mean others: where several match, the longest, and of equally long ones the first, counts. */
export class PhraseTree {
  readonly #root: Node = { next: new Map() }

  constructor(phrases: Iterable<readonly [phrase: readonly string[], meant: readonly string[]]>) {
    for (const [phrase, meant] of phrases) {
      let node = this.#root
      for (const token of phrase) {
        const next = node.next.get(token) ?? { next: new Map() }
        node.next.set(token, next)
        node = next
      }
      node.meant = meant
    }
  }

  /** Whether a phrase begins with a token. */
  begins(token: string): boolean {
    return this.#root.next.has(token)
  }

  /**
   * The tokens with what the phrases among them mean. `starts` are the places where one may begin, and `ends` where the
   * next white space lies behind each: a phrase that it divides means nothing, but keeps shorter ones from counting.
   */
  merged(tokens: string[], starts: readonly number[], ends: readonly number[]): string[] {
    const matches = this.#matches(tokens, starts, ends)
    if (!matches.some(({ meant }) => meant)) return tokens
    const made: string[] = []
    let at = 0
    for (const { start, end, meant } of chosen(matches)) {
      if (start < at || !meant) continue
      for (; at < start; at++) made.push(tokens[at]!)
      made.push(...meant)
      at = end
    }
    for (; at < tokens.length; at++) made.push(tokens[at]!)
    return made
  }

  #matches(tokens: readonly string[], starts: readonly number[], ends: readonly number[]): Match[] {
    const found: Match[] = []
    for (const [i, start] of starts.entries()) {
      let node = this.#root.next.get(tokens[start]!)
      for (let end = start + 1; node; node = node.next.get(tokens[end++]!)) {
        if (node.meant) found.push({ start, end, meant: end <= ends[i]! ? node.meant : undefined })
        if (end >= tokens.length) break
      }
    }
    return found
  }
}

/** Those that do not lie in longer ones, in order. */
function chosen(matches: readonly Match[]): Match[] {
  const taken = new Set<number>()
  const kept: Match[] = []
  for (const match of [...matches].sort((a, b) => b.end - b.start - (a.end - a.start) || a.start - b.start)) {
    if (!taken.has(match.start) && !taken.has(match.end - 1)) kept.push(match)
    for (let i = match.start; i < match.end; i++) taken.add(i)
  }
  return kept.sort((a, b) => a.start - b.start)
}
