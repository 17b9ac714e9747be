import {
  type AnyModule,
  batchTensors,
  holdModes,
  hookOutputs,
  type Learner,
  record,
  tf,
} from '@espalier/core'
import { type DataLoader, EspalierError, listed, ndArray } from '@espalier/data'
import { type ClassMap, ClassMaps } from './class-maps.js'

/** Which classes are looked for, and in which picture. */
export interface MapOptions {
  /** Names, or numbers of outputs. Default: the class that is predicted; where there are no classes the first output. */
  readonly classes?: readonly (string | number)[]
  /** Which of several pictures that make an item. Default 0. */
  readonly input?: number
}

/** What is known of some pictures once the model has run: tensors of the scope that it ran in. */
export interface Inside {
  /** What the layer gave: `[b, h, w, c]`. */
  readonly features: tf.Tensor4D
  /** What each class got, `[b, classes]`: of a mask the mean over its pixels. */
  readonly scores: tf.Tensor2D
}

/** What each channel of the layer counts for a class of each item, `[b, c]`, and what becomes of the weighted sum. */
export interface Weighing {
  weigh(
    run: () => Inside,
    classOf: readonly number[],
  ): { readonly inside: Inside; readonly weights: tf.Tensor2D }
  readonly relu: boolean
}

/** The maps of every picture of a loader, a batch at a time. */
export async function classMapsOf(
  learn: Learner,
  dl: DataLoader,
  layerOf: (model: AnyModule, run: () => unknown, inputs: number) => AnyModule,
  weighing: Weighing,
  options: MapOptions,
): Promise<ClassMaps[]> {
  const walk = async () => {
    await learn.prepare()
    const found: ClassMaps[] = []
    for await (const batch of dl.batches()) {
      const cards = learn.dls.cards(batch, batch.indices.length)
      const { input = 0 } = options
      const maps = evaluating(learn.model, () => {
        const x = batchTensors(batch, dl.options.batchTfms).slice(0, batch.nInp)
        checkInput(input, x)
        const forward = () => learn.model.forward(...(x as never[])) as tf.Tensor
        const layer = layerOf(learn.model, forward, x.length)
        return mapsOf(learn, () => insideOf(layer, forward, input), weighing, options.classes)
      })
      for (const [i, index] of batch.indices.entries()) {
        const cell = cards[i]![input]
        if (!cell || !('pixels' in cell)) throw noPicture(input)
        found.push(new ClassMaps(dl.dataset.id(index), cell.pixels, maps[i]!))
      }
    }
    const [skipped] = dl.skipped.values()
    if (skipped && found.length === 0) {
      throw new EspalierError('predict/unreadable', `cannot read ${skipped.id}: ${skipped.reason}`, {
        fix: 'give what the model was trained on, such as the path of a picture or the bytes of its file',
      })
    }
    return found
  }
  return learn.usage.hold('a class activation map', walk, { reads: true })
}

/** The maps of each item of a batch. */
function mapsOf(
  learn: Learner,
  run: () => Inside,
  { weigh, relu }: Weighing,
  wanted: MapOptions['classes'],
): ClassMap[][] {
  const { scores } = tf.tidy(() => ({ scores: tf.clone(run().scores) }))
  const [rows, outputs] = scores.shape
  const vocab = learn.dls.target?.vocab
  const activated = learn.lossFunc.activation?.(scores) ?? scores
  const [raw, chances] = [scores.dataSync(), activated.dataSync()]
  const best = [...tf.argMax(scores, 1).dataSync()]
  const sets = wanted
    ? wanted.map((of) => new Array<number>(rows).fill(classOf(of, outputs, vocab)))
    : [vocab ? best : best.map(() => 0)]
  const found: ClassMap[][] = Array.from({ length: rows }, () => [])
  for (const classes of sets) {
    tf.tidy(() => {
      const { inside, weights } = weigh(run, classes)
      const [, h, w, c] = inside.features.shape
      const sum = tf.squeeze(
        tf.matMul(tf.reshape(inside.features, [rows, h * w, c]), tf.expandDims(weights, 2)),
      )
      const [values, counts] = [(relu ? tf.relu(sum) : sum).dataSync(), weights.dataSync()]
      for (const [i, index] of classes.entries()) {
        found[i]!.push({
          label: vocab?.[index] ?? `output ${index}`,
          index,
          score: raw[i * outputs + index]!,
          probability: chances[i * outputs + index]!,
          values: ndArray('float32', [h, w], Float32Array.from(values.subarray(i * h * w, (i + 1) * h * w))),
          weights: Float32Array.from(counts.subarray(i * c, (i + 1) * c)),
        })
      }
    })
  }
  return found
}

/** Runs the model and hears what the layer gives. */
function insideOf(layer: AnyModule, forward: () => tf.Tensor, input: number): Inside {
  const heard: unknown[] = []
  using _hooks = hookOutputs([layer], (output) => heard.push(output))
  const pred = forward()
  const features = heard[input] ?? heard[0]
  if (!(features instanceof tf.Tensor) || features.rank !== 4) {
    const got = features instanceof tf.Tensor ? `gives [${features.shape}]` : 'did not run'
    throw new EspalierError(
      'cam/layer',
      `the layer (${layer.kind}) ${got}: that is no feature map [b, h, w, c]`,
      {
        fix: 'choose a layer of the body, before it pools: layer: learn.model.layers[0]',
      },
    )
  }
  return { features: features as tf.Tensor4D, scores: scoresOf(pred) }
}

/** Of each class a number for each item. */
function scoresOf(pred: tf.Tensor): tf.Tensor2D {
  if (pred.rank === 4) return tf.mean(pred, [1, 2])
  if (pred.rank === 2) return pred as tf.Tensor2D
  if (pred.rank === 1) return tf.expandDims(pred, 1)
  throw new EspalierError(
    'cam/output',
    `there is no score of a class in what the model gives, [${pred.shape}]`,
    {
      fix: 'class activation maps are for models that give [b, classes] or [b, h, w, classes]',
    },
  )
}

/**
 * The gradient of the scores of some classes, one for each item, with respect to what a layer gave. Items do not mix
 * in evaluation: the gradient of the sum is that of each.
 */
export function scoreGradient(
  run: () => Inside,
  classOf: readonly number[],
): { readonly inside: Inside; readonly gradient: tf.Tensor4D } {
  const { result, tape } = record(() => {
    const inside = run()
    const chosen = tf.oneHot(tf.tensor1d([...classOf], 'int32'), inside.scores.shape[1])
    return { ...inside, score: tf.sum(tf.mul(inside.scores, tf.cast(chosen, 'float32'))) }
  })
  using walked = tape
  const [gradient] = walked.backward(result.score, [result.features])
  if (gradient) return { inside: result, gradient: gradient as tf.Tensor4D }
  throw new EspalierError('cam/gradient', 'the scores do not depend on what this layer gives', {
    fix: 'choose a layer that the output is made from',
  })
}

/** The number of a class that is given by name or number. */
function classOf(of: string | number, outputs: number, vocab: readonly string[] | undefined): number {
  const index = typeof of === 'number' ? of : (vocab?.indexOf(of) ?? -1)
  if (Number.isInteger(index) && index >= 0 && index < outputs) return index
  throw new EspalierError('cam/class', `there is no class ${JSON.stringify(of)}`, {
    fix: vocab ? `one of ${listed(vocab)}, or a number below ${outputs}` : `numbers are 0 … ${outputs - 1}`,
  })
}

function checkInput(input: number, x: readonly tf.Tensor[]): void {
  if (Number.isInteger(input) && x[input]) return
  throw noPicture(input)
}

function noPicture(input: number): EspalierError {
  return new EspalierError('cam/input', `input ${input} of these items is no picture`, {
    fix: 'input is the number of a picture among the inputs of an item: 0 is the first',
  })
}

/** Runs something with a model as it predicts, in a scope of its own. */
function evaluating<T>(model: AnyModule, run: () => readonly T[]): readonly T[] {
  using _modes = holdModes(model)
  let result: readonly T[] = []
  model.eval()
  tf.tidy(() => {
    result = run()
  })
  return result
}
