import { platform, readPickledTexts, readSafetensors, readWeights, type SafeTensor } from '@espalier/core'
import { describe, EspalierError } from '@espalier/data'

/**
 * Where weights of a text model are: a file that Espalier wrote, or a file of weights, torch's too, and its vocabulary, as
 * a list or a file of one (`.pkl` of Python, or JSON).
 */
export type TextWeightsSource =
  | string
  | { readonly weights: string; readonly vocab: string | readonly string[] }

/** Weights of a text model in parts, under the names they have in an encoder and a decoder. */
export interface TextWeights {
  /** What to call it in errors. */
  readonly name: string
  readonly encoder: ReadonlyMap<string, SafeTensor>
  /** `decoder.weight` and `decoder.bias`, where the file has them. */
  readonly decoder: ReadonlyMap<string, SafeTensor>
  readonly vocab: readonly string[] | undefined
}

/** What the vocabulary is called among the metadata of a file. */
export const vocabKey = 'espalier-vocab'

/** Reads the weights of a language model or of an encoder. */
export async function readTextWeights(source: TextWeightsSource): Promise<TextWeights> {
  const { weights: file, vocab } = typeof source === 'string' ? { weights: source, vocab: undefined } : source
  if (typeof file !== 'string' || file === '') {
    throw new EspalierError('encoder/path', `weights are read from a file, got ${describe(file)}`, {
      fix: "say 'runs/encoder', or { weights: 'wt103.pth', vocab: 'wt103.pkl' }",
    })
  }
  const path = /\.\w+$/.test(file) ? file : `${file}.safetensors`
  const bytes = await platform().readFile(path)
  const own = path.endsWith('.safetensors') ? readSafetensors(bytes) : undefined
  const tensors = own?.tensors ?? readWeights(bytes)
  const words = vocab ?? (own && storedVocab(path, own.metadata.get(vocabKey)))
  return {
    name: path,
    ...parts(path, tensors),
    vocab: typeof words === 'string' ? await vocabIn(words) : words,
  }
}

/** Splits a state dict, whatever it is of, into what belongs to the encoder and to the decoder. */
function parts(
  path: string,
  tensors: ReadonlyMap<string, SafeTensor>,
): Pick<TextWeights, 'encoder' | 'decoder'> {
  const encoder = new Map<string, SafeTensor>()
  const decoder = new Map<string, SafeTensor>()
  for (const [name, t] of tensors) {
    const own = name.replace(/^0\.(module\.)?/, '')
    if (/^(encoder|encoder_dp|rnns)\./.test(own)) encoder.set(own, t)
    else if (/^1\.decoder\./.test(name)) decoder.set(name.slice(2), t)
  }
  // Older files hold the recurrent weight twice: as it is, and as it was after dropout.
  for (const name of encoder.keys()) {
    const raw = name.replace(/module\.(weight_hh_l0)$/, '$1_raw')
    if (raw !== name && encoder.has(raw)) encoder.delete(name)
  }
  if (encoder.has('encoder.weight')) return { encoder, decoder }
  throw new EspalierError('encoder/none', `'${path}' holds no encoder of texts: it has no encoder.weight`, {
    fix: 'give a file that learn.saveEncoder wrote, or the weights of a language model',
  })
}

async function vocabIn(path: string): Promise<readonly string[]> {
  const bytes = await platform().readFile(path)
  return path.endsWith('.json')
    ? storedVocab(path, new TextDecoder().decode(bytes))!
    : readPickledTexts(bytes)
}

function storedVocab(path: string, text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined
  try {
    const words: unknown = JSON.parse(text)
    if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words
  } catch {
    // Told below.
  }
  throw new EspalierError('encoder/vocab', `the vocabulary in '${path}' is not a list of words`, {
    fix: 'write the encoder again with learn.saveEncoder',
  })
}
