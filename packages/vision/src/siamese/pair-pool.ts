import { describe, EspalierError, itemId, listed, type Random } from '@espalier/data'

/** Two files, and whether they have the same label. */
export type SiamesePair<F = string> = readonly [first: F, second: F, same: boolean]

/**
 * The files of one part of a split by label, and the pairs drawn among them: a partner is never the file itself, nor
 * from another part.
 */
export class PairPool<F> {
  /** Each once, in the order given. */
  readonly files: readonly F[]
  readonly #byLabel = new Map<string, F[]>()
  readonly #labels = new Map<F, string>()

  constructor(name: string, files: readonly F[], labelFunc: (file: F) => string) {
    this.files = [...new Set(files)]
    for (const file of this.files) {
      const label = checkedLabel(labelFunc(file), file)
      this.#labels.set(file, label)
      const of = this.#byLabel.get(label)
      if (of) of.push(file)
      else this.#byLabel.set(label, [file])
    }
    checkPool(name, this.#byLabel)
  }

  get labels(): readonly string[] {
    return [...this.#byLabel.keys()]
  }

  /** A pair of a file: of the same label or of another one, as likely as each other; other labels alike. */
  draw(file: F, random: Random): SiamesePair<F> {
    const same = random.uniform() < 0.5
    return [
      file,
      same ? any(this.#alike(file), random) : this.#fromLabel(any(this.#others(file), random), random),
      same,
    ]
  }

  /**
   * `n` pairs of a file, alike and different in turn, beginning with either; a partner comes again only when there are no
   * others left.
   */
  series(file: F, n: number, random: Random): SiamesePair<F>[] {
    const first = random.uniform() < 0.5
    const [alike, others] = [shuffled(this.#alike(file), random), shuffled(this.#others(file), random)]
    return Array.from({ length: n }, (_, k) => {
      const same = first === (k % 2 === 0)
      const turn = Math.floor(k / 2)
      const second = same
        ? alike[turn % alike.length]!
        : this.#fromLabel(others[turn % others.length]!, random)
      return [file, second, same]
    })
  }

  #alike(file: F): readonly F[] {
    return this.#byLabel.get(this.#labels.get(file)!)!.filter((other) => other !== file)
  }

  #others(file: F): readonly string[] {
    return this.labels.filter((label) => label !== this.#labels.get(file))
  }

  #fromLabel(label: string, random: Random): F {
    return any(this.#byLabel.get(label)!, random)
  }
}

function any<T>(list: readonly T[], random: Random): T {
  return list[random.int(list.length)]!
}

function shuffled<T>(list: readonly T[], random: Random): readonly T[] {
  return random.permutation(list.length).map((i) => list[i]!)
}

function checkedLabel(label: unknown, file: unknown): string {
  if (typeof label === 'string') return label
  throw new EspalierError(
    'siamese/label',
    `the label of ${itemId(file)} must be a string, the label function returned ${describe(label)}`,
    { fix: 'look at the pattern that takes a label from a name, or leave this file out' },
  )
}

function checkPool(name: string, byLabel: ReadonlyMap<string, readonly unknown[]>): void {
  const [only, another] = byLabel.keys()
  if (only === undefined) return
  if (another === undefined) {
    throw new EspalierError(
      'siamese/one-class',
      `all ${name} files have the label '${only}': there is no pair of different ones`,
      { fix: 'pairs need two labels at least in each part: check the label function and the splitter' },
    )
  }
  const lonely = [...byLabel].filter(([, files]) => files.length === 1)
  if (lonely.length === 0) return
  const names = lonely.map(([label, [file]]) => `'${label}' (${itemId(file)})`)
  throw new EspalierError(
    'siamese/lonely',
    `of ${listed(names, 3)} there is a single ${name} file: nothing of its label to pair it with`,
    {
      fix: 'split by label: trainTestSplitter({ stratify: labelFunc }), hold out two of each, or leave the label out',
    },
  )
}
