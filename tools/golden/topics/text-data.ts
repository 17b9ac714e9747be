import { createHash } from 'node:crypto'
import { type Batch, type NdArray, ndArray } from '@espalier/data'
import { type GoldenCase, mulberry32 } from '@espalier/testkit'
import {
  baseTokenizer,
  countTokens,
  decodeSpecTokens,
  defaultRules,
  fixHtml,
  LMDataLoader,
  lowercase,
  makeVocab,
  Numericalize,
  padChunk,
  padInput,
  padInputChunk,
  replaceAllCaps,
  replaceMaj,
  replaceRep,
  replaceSpace,
  replaceWrep,
  rmUselessSpaces,
  SortedDL,
  semiSorted,
  specAddSpaces,
  TextProcessor,
  type TextRule,
  TextStream,
  tokenizeDf,
  wordTokenizer,
} from '@espalier/text'
import { type Check, checkValue, unmet } from '../check.js'
import { camelCased } from './modules.js'

type Args = Readonly<Record<string, unknown>>

const rowsOf = <T>(golden: GoldenCase) => golden.json.expected['rows'] as readonly T[]
const checked = (golden: GoldenCase, checks: readonly Check[]) => [...checks, ...unmet(golden, ['rows'])]

/** fastai's names of the rules. */
const rules: Readonly<Record<string, TextRule>> = {
  fix_html: fixHtml,
  replace_rep: replaceRep,
  replace_wrep: replaceWrep,
  spec_add_spaces: specAddSpaces,
  rm_useless_spaces: rmUselessSpaces,
  replace_all_caps: replaceAllCaps,
  replace_maj: replaceMaj,
  lowercase: (text) => lowercase(text),
}

interface RuleRow {
  readonly text: string
  readonly alone: Readonly<Record<string, string>>
  readonly after_all: string
}

interface FlagsRow {
  readonly text: string
  readonly add_bos: boolean
  readonly add_eos: boolean
  readonly out: string
}

/** Each rule alone, where it changes a text; all of them in order; the flags of `lowercase`, and the rule for tokens. */
export function runRules(golden: GoldenCase): Check[] {
  const order = golden.json.config['rule_order'] as readonly string[]
  const used = order.map((name) => rules[name] ?? unknown(`rule ${name}`))
  const {
    rows,
    lowercase_flags: flags = [],
    replace_space: spaces = [],
  } = golden.json.expected as {
    readonly rows: readonly RuleRow[]
    readonly lowercase_flags?: readonly FlagsRow[]
    readonly replace_space?: readonly { readonly token: string; readonly out: string }[]
  }
  const checks = rows.flatMap(({ text, alone, after_all }) => {
    const changed = order.flatMap((name, i) => {
      const made = used[i]!(text)
      return made === text ? [] : [[name, made] as const]
    })
    const all = used.reduce((t, rule) => rule(t), text)
    const byDefault = defaultRules.reduce((t, rule) => rule(t), text)
    return [
      checkValue(golden, `rules alone on ${JSON.stringify(text)}`, Object.fromEntries(changed), alone),
      checkValue(golden, `all rules on ${JSON.stringify(text)}`, all, after_all),
      checkValue(golden, `default rules on ${JSON.stringify(text)}`, byDefault, after_all),
    ]
  })
  const flagged = flags.map(({ text, add_bos: addBos, add_eos: addEos, out }) =>
    checkValue(golden, `lowercase(${addBos}, ${addEos})`, lowercase(text, { addBos, addEos }), out),
  )
  return [
    ...checks,
    ...flagged,
    ...spaces.map(({ token, out }) =>
      checkValue(golden, `replace_space of '${token}'`, replaceSpace(token), out),
    ),
    ...unmet(golden, ['rows', 'lowercase_flags', 'replace_space']),
  ]
}

interface TokenRow {
  readonly text: string
  readonly tokens: readonly string[]
  readonly spacy_on_raw_text?: readonly string[]
}

/** Whole texts through rules, tokenizer and rules after it; and through the tokenizer alone. */
export function runTokenize(golden: GoldenCase): Check[] {
  const processor = new TextProcessor()
  const alone = wordTokenizer()
  const plain = new TextProcessor({ postRules: [] })
  const { tokenizer_transform_keeps_spaces: spaced = [] } = golden.json.expected as {
    readonly tokenizer_transform_keeps_spaces?: readonly TokenRow[]
  }
  return [
    ...rowsOf<TokenRow>(golden).flatMap(({ text, tokens, spacy_on_raw_text: raw }) => [
      checkValue(golden, `tokens of ${JSON.stringify(text)}`, processor.tokens(text), tokens),
      ...(raw ? [checkValue(golden, `words of ${JSON.stringify(text)}`, alone.split(text), raw)] : []),
    ]),
    ...spaced.map(({ text, tokens }) =>
      checkValue(
        golden,
        `tokens of ${JSON.stringify(text)} without rules behind`,
        plain.tokens(text),
        tokens,
      ),
    ),
    ...unmet(golden, ['rows', 'tokenizer_transform_keeps_spaces']),
  ]
}

interface Drawn {
  readonly seed: number
  readonly n: number
  readonly length: number
  readonly pieces: readonly string[]
  readonly spaces: readonly string[]
}

/** Texts that are drawn again from their pieces; digests of their tokens. */
export function runTokenizeDrawn(golden: GoldenCase): Check[] {
  const { seed, n, length, pieces, spaces } = golden.json.config as unknown as Drawn
  const draw = mulberry32(seed)
  const pick = (list: readonly string[]) => list[Math.floor(draw() * list.length)]!
  const processor = new TextProcessor()
  let count = 0
  const digests = Array.from({ length: n }, () => {
    let text = ''
    for (let i = 0; i < length; i++) text += pick(pieces) + pick(spaces)
    const tokens = processor.tokens(text)
    count += tokens.length
    return createHash('sha256').update(tokens.join(' ')).digest('hex').slice(0, 8)
  })
  return [
    checkValue(golden, 'digests', digests),
    checkValue(golden, 'tokens', count),
    ...unmet(golden, ['digests', 'tokens']),
  ]
}

export function runBaseTokenizer(golden: GoldenCase): Check[] {
  const tok = baseTokenizer(camelCased(golden.json.config))
  return checked(
    golden,
    rowsOf<TokenRow>(golden).map(({ text, tokens }) =>
      checkValue(golden, `tokens of ${JSON.stringify(text)}`, tok.split(text), tokens),
    ),
  )
}

export function runDecodeSpecTokens(golden: GoldenCase): Check[] {
  const rows = rowsOf<{ readonly tokens: readonly string[]; readonly out: readonly string[] }>(golden)
  return checked(
    golden,
    rows.map(({ tokens, out }) =>
      checkValue(golden, `decoded ${tokens.join(' ')}`, decodeSpecTokens(tokens, { asFastai: true }), out),
    ),
  )
}

interface FrameRow {
  readonly text_cols: string | readonly string[]
  readonly args: Args
  readonly text: readonly (readonly string[])[]
  readonly text_length: readonly number[]
  readonly columns: readonly string[]
  readonly counter: Readonly<Record<string, number>>
}

/** Texts of one or several columns of a table: tokens, lengths, the columns that are left, and counts. */
export function runTokenizeDf(golden: GoldenCase): Check[] {
  const table = golden.json.config['rows'] as readonly object[]
  return checked(
    golden,
    rowsOf<FrameRow>(golden).flatMap(({ text_cols, args, text, text_length, columns, counter }) => {
      const { rows, counts } = tokenizeDf(table, text_cols, camelCased(args))
      const [tokens, length] = columns.slice(-2) as [string, string]
      const what = `tokenize_df(${JSON.stringify(text_cols)}, ${JSON.stringify(args)})`
      return [
        checkValue(
          golden,
          `${what} text`,
          rows.map((row) => row[tokens]),
          text,
        ),
        checkValue(
          golden,
          `${what} lengths`,
          rows.map((row) => row[length]),
          text_length,
        ),
        checkValue(golden, `${what} columns`, Object.keys(rows[0] ?? {}), columns),
        checkValue(golden, `${what} counts`, Object.fromEntries(counts), counter),
      ]
    }),
  )
}

interface VocabRow {
  readonly args: Args
  readonly vocab: readonly string[]
  readonly test: readonly string[]
  readonly ids: readonly number[]
  readonly decoded: readonly string[]
}

export async function runVocab(golden: GoldenCase): Promise<Check[]> {
  const counts = await countTokens(golden.json.config['corpus'] as readonly (readonly string[])[])
  const checks: Check[] = []
  for (const { args, vocab, test, ids, decoded } of rowsOf<VocabRow>(golden)) {
    const made = makeVocab(counts, camelCased(args))
    const step = new Numericalize({ vocab: made })
    const encoded = step.encode(test)
    const what = JSON.stringify(args)
    checks.push(
      checkValue(golden, `vocabulary ${what}`, made, vocab),
      checkValue(golden, `ids ${what}`, Array.from(encoded.data), ids),
      checkValue(golden, `decoded ${what}`, step.decode(encoded), decoded),
    )
  }
  return checked(golden, checks)
}

interface StreamRow {
  readonly doc_lens: readonly number[]
  readonly bs: number
  readonly seq_len: number
  readonly bl?: number
  readonly n_batches?: number
  readonly last_len?: number
  readonly n?: number
  readonly len?: number
  readonly shuffled_doc_order?: readonly number[]
  readonly batches: readonly { readonly x: readonly number[][]; readonly y: readonly number[][] }[]
}

/** Windows of texts whose tokens are numbered 2, 3, 4 … */
export async function runLmDataLoader(golden: GoldenCase): Promise<Check[]> {
  const checks: Check[] = []
  for (const row of rowsOf<StreamRow>(golden)) {
    const { doc_lens: lens, bs, seq_len: seqLen, shuffled_doc_order: order, batches } = row
    const begins = lens.map((_, i) => 2 + lens.slice(0, i).reduce((a, b) => a + b, 0))
    const texts = {
      lens,
      read: (i: number) => Int32Array.from({ length: lens[i]! }, (_, k) => begins[i]! + k),
    }
    const dl = new LMDataLoader(texts, { bs, seqLen })
    const stream = new TextStream(texts, { bs, seqLen }, order)
    const found: Batch[] = []
    if (order) found.push(...(await streamBatches(stream, bs)))
    else for await (const batch of dl.batches()) found.push(batch)
    const sizes = {
      bl: stream.rowLength,
      n_batches: stream.windows,
      last_len: stream.lastLength,
      n: stream.length,
      len: dl.length,
    }
    const what = `texts of ${lens.join(', ')}, bs ${bs}, seq_len ${seqLen}`
    const told = Object.keys(sizes).filter((k) => k in row) as (keyof typeof sizes)[]
    checks.push(
      ...told.map((k) => checkValue(golden, `${k} of ${what}`, sizes[k], row[k])),
      checkValue(
        golden,
        `batches of ${what}`,
        found.map(({ arrays: [x, y] }) => ({ x: nested(x!), y: nested(y!) })),
        batches,
      ),
    )
  }
  return checked(golden, checks)
}

async function streamBatches(stream: TextStream, bs: number): Promise<Batch[]> {
  const batches: Batch[] = []
  for (let at = 0; at < stream.length; at += bs) {
    const samples = await Promise.all(Array.from({ length: bs }, (_, r) => stream.sample(at + r)))
    const arrays = [0, 1].map((k) => {
      const rows = samples.map((s) => s[k as 0 | 1])
      const n = rows[0]!.data.length
      return ndArray(
        'int32',
        [bs, n],
        rows.flatMap((r) => Array.from(r.data)),
      )
    })
    batches.push({ arrays, nInp: 1, indices: [], next: at + bs, place: { seed: 0, epoch: 0, split: 0 } })
  }
  return batches
}

interface SortedRow {
  readonly lens: readonly number[]
  readonly bs: number
  readonly shuffle: boolean
  readonly perm_items?: readonly number[]
  readonly perm_middle_batches?: readonly number[] | null
  readonly order: readonly number[]
}

export function runSortedDl(golden: GoldenCase): Check[] {
  return checked(
    golden,
    rowsOf<SortedRow>(golden).map(({ lens, bs, shuffle, perm_items, perm_middle_batches, order }) => {
      const dataset = { length: lens.length, sample: async () => [], id: String }
      const found = shuffle
        ? semiSorted(
            lens,
            bs,
            perm_items!,
            (n) => perm_middle_batches ?? Array.from({ length: n }, (_, i) => i),
          )
        : new SortedDL(dataset, { bs, lens }).order(0)
      return checkValue(golden, `order of ${lens.join(', ')} with bs ${bs}`, found, order)
    }),
  )
}

interface PadRow {
  readonly fn: string
  readonly args: Args
  readonly x?: readonly number[]
  readonly samples?: string | readonly (readonly [readonly number[], number])[]
  readonly out: unknown
}

type Pair = readonly [readonly number[], number]

/** A row may have the samples of the one before it, each as `(x, x + x, y)`. */
export function runPadding(golden: GoldenCase): Check[] {
  let last: readonly Pair[] = []
  const checks = rowsOf<PadRow>(golden).map(({ fn, args, x, samples, out }) => {
    const what = `${fn}(${JSON.stringify(args)})`
    if (Array.isArray(samples)) last = samples as readonly Pair[]
    if (fn === 'pad_chunk') {
      return checkValue(golden, what, Array.from(padChunk(Int32Array.from(x!), camelCased(args))), out)
    }
    const doubled = typeof samples === 'string'
    const elements = last.map(([ids, y]) => [text(ids), ...(doubled ? [text([...ids, ...ids])] : []), y])
    const step =
      fn === 'pad_input'
        ? padInput(camelCased(args))
        : fn === 'pad_input_chunk'
          ? padInputChunk({ ...camelCased(args), padToMultiple: false })
          : unknown(`function ${fn}`)
    const made = step.encodeSamples(elements).map((s) => {
      const texts = s.filter((e) => typeof e !== 'number').map((e) => Array.from((e as NdArray).data))
      return doubled ? texts : texts[0]
    })
    return checkValue(golden, what, made, out)
  })
  return checked(golden, checks)
}

const text = (ids: readonly number[]) => ndArray('int32', [ids.length], ids, 'text')

function nested({ data, shape }: NdArray): number[][] {
  const n = shape[1]!
  return Array.from({ length: shape[0]! }, (_, r) => Array.from(data.subarray(r * n, (r + 1) * n)))
}

function unknown(what: string): never {
  throw new Error(`the golden runner knows no ${what}`)
}
