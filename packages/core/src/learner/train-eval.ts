import { resetModules } from '../nn/reset-modules.js'
import type { Callback } from './callback.js'
import type { FitState } from './events.js'
import type { LoopVariables } from './loop.js'

const own = (s: FitState) => s as LoopVariables

/** Keeps count of the fit and puts the model into training or evaluation mode (fastai's `TrainEvalCallback`). */
export const trainEval: Callback = {
  name: 'trainEval',
  order: -10,
  runValid: false,
  beforeFit(s) {
    Object.assign(own(s), { epoch: 0, trainIter: 0, pctTrain: 0 })
    resetModules(s.learn.model)
  },
  beforeTrain(s) {
    own(s).training = true
    own(s).pctTrain = s.epoch / s.nEpoch
    s.learn.model.train()
  },
  afterBatch(s) {
    own(s).pctTrain += 1 / (s.nIter * s.nEpoch)
    own(s).trainIter++
  },
  beforeValidate(s) {
    own(s).training = false
    s.learn.model.eval()
  },
}
