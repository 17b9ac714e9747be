import {
  type AnyModule,
  type Callback,
  Learner,
  type LearnerOptions,
  lossMetrics,
  params,
  tf,
} from '@espalier/core'
import type { DataLoaders, NdArray } from '@espalier/data'
import { type CritLossFunc, type GenLossFunc, ganLoss, ganLossFromFunc } from './gan-loss.js'
import { GANModule } from './gan-module.js'
import { fixedGANSwitcher } from './gan-switchers.js'
import { type GANTrainerOptions, ganTrainer } from './gan-trainer.js'

/** How the parts of a GAN take turns, and what else a learner takes. */
export interface GANLearnerOptions
  extends Omit<LearnerOptions<GANModule>, 'lossFunc'>,
    Pick<GANTrainerOptions, 'switchEval' | 'clip' | 'genFirst'> {
  /** Says when a turn is over. Default {@link fixedGANSwitcher}. */
  readonly switcher?: Callback
}

/** The options of {@link GANLearner.fromLearners}. */
export interface GANFromLearnersOptions extends GANLearnerOptions {
  /** What fooling the critic and being right count in the generator's loss. Default [1, 1]. */
  readonly weightsGen?: readonly [critic: number, content: number]
}

type Loaders<P> = DataLoaders<readonly NdArray[], P, unknown>

/**
 * A learner for a generator and a critic that train against each other (fastai's `GANLearner`). The input of its items is
 * what the generator gets, the target what is real. The columns `gen_loss` and `crit_loss` are those of both parts; what it
 * predicts and shows is what the generator makes.
 *
 * @example
 * using learn = GANLearner.wgan(dls, basicGenerator(64, 3), basicCritic(64, 3), { optFunc: adam({ mom: 0 }) })
 * await learn.fit(1, 2e-4)
 * await learn.showResults({ maxN: 9 }).save('made.png')
 */
export class GANLearner<P = unknown> extends Learner<GANModule, P> {
  constructor(
    dls: Loaders<P>,
    generator: AnyModule,
    critic: AnyModule,
    genLossFunc: GenLossFunc,
    critLossFunc: CritLossFunc,
    options: GANLearnerOptions = {},
  ) {
    const { switcher = fixedGANSwitcher(), switchEval = true, clip, genFirst = false, ...rest } = options
    const model = new GANModule(generator, critic, genFirst)
    const lossFunc = ganLoss(genLossFunc, critLossFunc, model)
    const trainer = ganTrainer({ switchEval, genFirst, ...(clip !== undefined && { clip }) })
    super(dls, model, {
      splitter: (m) => [params(m.generator), params(m.critic)],
      ...rest,
      lossFunc,
      cbs: [...(rest.cbs ?? []), trainer, switcher],
      metrics: [...(rest.metrics ?? []), ...lossMetrics(lossFunc, ['gen_loss', 'crit_loss'])],
    })
  }

  /**
   * A GAN of two learners that were trained apart (fastai's `from_learners`): the data and the content loss are the
   * generator's, the critic's loss says what is real. It takes over both models.
   */
  static fromLearners<P>(
    genLearn: Pick<Learner<AnyModule, P>, 'dls' | 'model' | 'lossFunc'>,
    critLearn: Pick<Learner, 'model' | 'lossFunc'>,
    { weightsGen, ...options }: GANFromLearnersOptions = {},
  ): GANLearner<P> {
    const [gen, crit] = ganLossFromFunc(genLearn.lossFunc, critLearn.lossFunc, weightsGen)
    return new GANLearner<P>(genLearn.dls, genLearn.model, critLearn.model, gen, crit, options)
  }

  /**
   * A Wasserstein GAN (Arjovsky et al. 2017; fastai's `wgan`): the critic's numbers for real and made pictures are to
   * differ, its weights are bounded by `clip`, and it takes five steps for one of the generator.
   */
  static wgan<P>(
    dls: Loaders<P>,
    generator: AnyModule,
    critic: AnyModule,
    options: GANLearnerOptions = {},
  ): GANLearner<P> {
    const { switcher = fixedGANSwitcher({ nCrit: 5, nGen: 1 }), clip = 0.01, switchEval = false } = options
    return new GANLearner<P>(
      dls,
      generator,
      critic,
      (fakePred) => tf.mean(fakePred),
      (realPred, fakePred) => tf.sub(tf.mean(realPred), tf.mean(fakePred)),
      { ...options, switcher, clip, switchEval },
    )
  }
}
