import type { Evidence, FitState } from './verdict.js'

/** What a run already has, and what cannot be had. */
export interface RunFacts {
  /** Whether the items are pictures. */
  readonly pictures?: boolean
  /** Whether training items are altered at random. */
  readonly augmentation?: boolean
  /** Whether MixUp or CutMix is on. */
  readonly mixUp?: boolean
  /** Whether the model has norm layers. */
  readonly norm?: boolean
  /** The largest dropout of the model, 0 for none. */
  readonly dropout?: number
  readonly weightDecay?: number
  readonly labelSmoothing?: boolean
  readonly gradientClip?: boolean
  /** Groups of parameters that did not train. */
  readonly frozen?: number
  /** The learning rate of the last group. */
  readonly lr?: number
  readonly validItems?: number
  /** False: no more data can be had. */
  readonly moreData?: boolean
  /** The column that says how good the model is. Default: the first metric. */
  readonly monitor?: string
}

/** Something to do next. */
export interface Step {
  readonly name: string
  /** Whether the run has it already. */
  readonly done: boolean
  readonly text: string
  /** Code to try. */
  readonly code: string
}

/** What can be done in a state, the first thing to try first. */
export function stepsFor(state: FitState, facts: RunFacts, evidence: Evidence): readonly Step[] {
  const epochs = Math.max(1, evidence.epochs)
  switch (state) {
    case 'diverged':
      return slower(facts)
    case 'not begun':
      return [step('train', 'nothing was trained yet', 'await learn.fitOneCycle(5)')]
    case 'not validated':
      return [
        step(
          'validate',
          'hold out items: without them nobody knows what was learnt',
          'splitter: randomSplitter({ validPct: 0.2, seed: 42 })',
        ),
      ]
    case 'too few epochs':
      return [
        step(
          'more epochs',
          'a trend shows after three epochs or more',
          `await learn.fitOneCycle(${Math.max(5, 2 * epochs)})`,
        ),
      ]
    case 'under-fitting':
      return fitMore(facts, evidence, epochs)
    case 'over-fitting':
      return ladder(facts)
    case 'over-confident':
      return [
        step(
          'label smoothing',
          'answers stay right, but it is too sure of the wrong ones: for the answers alone that does not matter',
          'lossFunc: labelSmoothingCrossEntropyFlat()',
          facts.labelSmoothing,
        ),
        ...ladder(facts),
      ]
    case 'just right':
      return [
        step(
          'keep it',
          'validation neither gets better nor worse: it has learnt what it can',
          "await learn.export('model')",
        ),
        step(
          'larger architecture',
          'a larger model may learn more: let it over-fit first, then climb down the ladder',
          'visionLearner(dls, resnet50)',
        ),
      ]
  }
}

/** Against over-fitting, in the order of the book: what removes least of what a model can learn comes first. */
function ladder(facts: RunFacts): readonly Step[] {
  const {
    pictures = false,
    augmentation = false,
    mixUp = false,
    norm = true,
    dropout = 0,
    weightDecay = 0,
  } = facts
  return [
    step(
      'more data',
      'label more items, or add related ones: nothing helps as much. Say moreData: false where there are none',
      'dataBlock(…).dataLoaders([...files, ...moreFiles])',
      facts.moreData === false,
    ),
    ...(pictures
      ? [
          step(
            'augmentation',
            'show each picture in another way every time',
            'batchTfms: augTransforms()',
            augmentation,
          ),
        ]
      : []),
    step(
      'MixUp',
      'train on mixtures of two items: augmentation for all that is numbers',
      'await learn.fitOneCycle(n, lr, { cbs: [mixUp()] })',
      mixUp,
    ),
    step(
      'generalisable architecture',
      'use an architecture with norm layers, or a pretrained one',
      'visionLearner(dls, resnet34)',
      norm,
    ),
    step(
      'dropout',
      'drop activations before the last layer or two',
      'visionLearner(dls, arch, { ps: 0.5 })',
      dropout > 0,
    ),
    step(
      'weight decay',
      `keep weights smaller: weight decay is ${weightDecay}`,
      'await learn.fitOneCycle(n, lr, { wd: 0.1 })',
      weightDecay >= 0.1,
    ),
    step(
      'smaller architecture',
      'the last resort: it also loses what only a larger model can learn',
      'visionLearner(dls, resnet18)',
    ),
  ]
}

/** Against under-fitting: first let it learn, then let it learn more. */
function fitMore(facts: RunFacts, { validLoss, metric }: Evidence, epochs: number): readonly Step[] {
  const { frozen = 0, dropout = 0, weightDecay = 0, mixUp = false } = facts
  const improving = validLoss?.improving === true || metric?.improving === true
  const restrained = dropout > 0.5 || weightDecay > 0.1 || mixUp
  return [
    step(
      'more epochs',
      'it still gets better with each epoch',
      `await learn.fitOneCycle(${2 * epochs})`,
      !improving,
    ),
    step(
      'unfreeze',
      `${frozen} of its groups of parameters did not train`,
      'learn.unfreeze()\nawait learn.fitOneCycle(5, lrSlice(1e-6, 1e-4))',
      frozen === 0,
    ),
    step(
      'learning rate',
      'see whether a higher rate gets further',
      'const { valley } = await learn.lrFind()\nawait learn.fitOneCycle(5, valley)',
    ),
    step('larger architecture', 'take a model that can learn more', 'visionLearner(dls, resnet50)'),
    step(
      'less regularisation',
      'lower dropout, weight decay or MixUp',
      'visionLearner(dls, arch, { ps: 0.25, wd: 0.01 })',
      !restrained,
    ),
  ]
}

/** Against losses that grow without bound. */
function slower({ lr, gradientClip = false }: RunFacts): readonly Step[] {
  const rate = lr === undefined ? 'valley' : String(Number((lr / 10).toPrecision(2)))
  return [
    step(
      'lower learning rate',
      `the rate${lr === undefined ? '' : ` of ${lr}`} is too high; the weights are lost: make the learner anew`,
      `const { valley } = await learn.lrFind()\nawait learn.fitOneCycle(5, ${lr === undefined ? rate : `Math.min(valley, ${rate})`})`,
    ),
    step(
      'gradient clipping',
      'bound the gradients',
      'await learn.fitOneCycle(5, lr, { cbs: [gradientClip(1)] })',
      gradientClip,
    ),
  ]
}

function step(name: string, text: string, code: string, done = false): Step {
  return { name, done, text, code }
}
