import {
  Categorize,
  type CategorizeOptions,
  type Cell,
  describe,
  EspalierError,
  type NdArray,
  ndArray,
  type Transform,
} from '@espalier/data'

/** Labels of boxes ↔ their positions in the vocabulary, one for each box: `[n]` int32. */
export class BoxLabels implements Transform<readonly string[], NdArray<'int32'>> {
  readonly name = 'boxLabels'
  readonly order = 1
  readonly #categorize: Categorize

  constructor({ addNa = true, ...options }: CategorizeOptions = {}) {
    this.#categorize = new Categorize({ addNa, ...options })
  }

  /** The classes, `#na#` first unless it was left out: boxes that fill a batch up have it. */
  get vocab(): readonly string[] {
    return this.#categorize.vocab
  }

  setup(items: AsyncIterable<readonly string[]>): Promise<void> {
    return this.#categorize.setup(each(items))
  }

  check(items: AsyncIterable<readonly string[]>): Promise<void> {
    return this.#categorize.check(each(items))
  }

  encode(labels: readonly string[]): NdArray<'int32'> {
    const codes = checkedLabels(labels).map((label) => this.#categorize.encode(label).data[0]!)
    return ndArray('int32', [codes.length], codes, 'boxLabels')
  }

  decode({ data }: NdArray): readonly string[] {
    return Array.from(data, (code) => this.#categorize.decode(ndArray('int32', [], [code])))
  }

  show(codes: NdArray): Cell {
    return {
      text: this.decode(codes)
        .filter((label) => label !== '#na#')
        .join('; '),
    }
  }

  toJSON() {
    return this.#categorize.toJSON()
  }
}

async function* each(items: AsyncIterable<readonly string[]>): AsyncGenerator<string> {
  for await (const labels of items) yield* checkedLabels(labels)
}

function checkedLabels(labels: unknown): readonly string[] {
  if (Array.isArray(labels)) return labels
  throw new EspalierError('boxes/labels', `the labels of boxes must be a list, got ${describe(labels)}`, {
    fix: 'return one label for each box of an item, in their order',
  })
}
