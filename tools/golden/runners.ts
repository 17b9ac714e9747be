import type { GoldenCase } from '@espalier/testkit'
import { checkAugmentCase } from '../../packages/vision/test/augment-golden.js'
import { checkImageCase } from '../../packages/vision/test/image-golden.js'
import type { Check } from './check.js'
import { runCallback, runCancels, runOrders, runSittingOut, runTrackers } from './topics/callbacks.js'
import { runFits } from './topics/fits.js'
import { runGetPreds } from './topics/inference.js'
import { runKernel } from './topics/kernels.js'
import { runLabelSmoothing } from './topics/label-smoothing.js'
import { runLosses } from './topics/losses.js'
import { runLrFinds } from './topics/lr-find.js'
import { runMetrics } from './topics/metrics.js'
import { runMixing } from './topics/mixing.js'
import { runOptimizer } from './topics/optimizers.js'
import { runSchedules, runSetHyper } from './topics/schedules.js'
import { runSiamese } from './topics/siamese.js'
import { runCollabData, runContCatSplit, runDateparts, runEmbSizes, runTable } from './topics/tabular-data.js'
import { runPrintedModels, runTabularModel } from './topics/tabular-models.js'
import {
  runBaseTokenizer,
  runDecodeSpecTokens,
  runLmDataLoader,
  runPadding,
  runRules,
  runSortedDl,
  runTokenize,
  runTokenizeDf,
  runTokenizeDrawn,
  runVocab,
} from './topics/text-data.js'
import { runLmFit } from './topics/text-fits.js'
import {
  runAwdLstm,
  runClassifier,
  runLanguageModel,
  runMatchEmbeds,
  runPool,
  runRegularizer,
  runStateDictKeys,
} from './topics/text-models.js'
import { runEventOrder, runRecorderTable } from './topics/training.js'
import { runTta } from './topics/tta.js'
import { runBody, runNetwork } from './topics/vision-arch.js'
import { runFreeze } from './topics/vision-freeze.js'
import { runHead, runHeadTable } from './topics/vision-heads.js'
import { runLayer } from './topics/vision-layers.js'
import { runModelMeta, runUnknownArch, runVisionModel } from './topics/vision-models.js'
import { runSummary } from './topics/vision-summary.js'
import { runIcnr, runPixelShuffle, runUnet, runUnetBlock, runUnetSplitter } from './topics/vision-unet.js'
import { runWeights } from './topics/vision-weights.js'

/** Recomputes a case and compares; undefined where it turns out not to know the case. */
export type Runner = (
  golden: GoldenCase,
) => readonly Check[] | undefined | Promise<readonly Check[] | undefined>

/** Who runs which case, by topic and name: the first that matches. */
const runners: readonly (readonly [topic: string, name: RegExp, run: Runner])[] = [
  ['kernels', /./, runKernel],
  ['train', /^opt_/, runOptimizer],
  ['train', /^schedules/, runSchedules],
  ['train', /^set_hyper/, runSetHyper],
  ['train', /^event_order/, runEventOrder],
  ['train', /^get_preds/, runGetPreds],
  ['train', /^lr_find/, runLrFinds],
  ['train', /^losses/, runLosses],
  ['train', /^metrics_/, runMetrics],
  ['train', /^recorder_table/, runRecorderTable],
  ['train', /^callback_orders/, runOrders],
  ['train', /^cancel_events/, runCancels],
  ['train', /^run_train_run_valid/, runSittingOut],
  ['train', /^trackers/, runTrackers],
  ['train', /^(bn_freeze|gradient_|short_epoch)/, runCallback],
  [
    'train',
    /^(fit_(plain|one_cycle|flat_cos|sgdr)|fine_tune|start_epoch|train_bn|wd_bn|two_fits|gradual_unfreezing)/,
    (golden) => runFits(golden),
  ],
  ['tabular', /^add_datepart/, runDateparts],
  ['tabular', /^collab_data/, runCollabData],
  ['tabular', /^cont_cat_split/, runContCatSplit],
  ['tabular', /^emb_sz_rule/, runEmbSizes],
  ['tabular', /^pandas_/, runTable],
  ['vision/augment', /^(mixup|cutmix)/, runMixing],
  ['vision/augment', /^label_smoothing/, runLabelSmoothing],
  ['vision/augment', /^tta/, runTta],
  ['vision/augment', /./, checkAugmentCase],
  ['vision/images', /./, (golden) => checkImageCase(golden)],
  ['vision/weights', /./, runWeights],
  ['siamese', /./, runSiamese],
  ['tabular', /^model_printed/, runPrintedModels],
  ['tabular', /^(model_|collab_dot_bias|collab_nn)/, runTabularModel],
  ['text', /^base_tokenizer/, runBaseTokenizer],
  ['text', /^decode_spec_tokens/, runDecodeSpecTokens],
  ['text', /^lm_dataloader/, runLmDataLoader],
  ['text', /^awd_lstm/, runAwdLstm],
  ['text', /^classifier/, runClassifier],
  ['text', /^lm_fit/, runLmFit],
  ['text', /^lm_(tied|untied)/, runLanguageModel],
  ['text', /^masked_concat_pool/, runPool],
  ['text', /^match_embeds/, runMatchEmbeds],
  ['text', /^rnn_regularizer/, runRegularizer],
  ['text', /^state_dict_keys/, runStateDictKeys],
  ['text', /^padding/, runPadding],
  ['text', /^rules/, runRules],
  ['text', /^sorted_dl/, runSortedDl],
  ['text', /^tokenize_df/, runTokenizeDf],
  ['text', /^tokenize_drawn/, runTokenizeDrawn],
  ['text', /^tokenize/, runTokenize],
  ['text', /^vocab/, runVocab],
  ['vision/arch', /^create_head_table/, runHeadTable],
  ['vision/arch', /^create_head_fwd/, runHead],
  ['vision/arch', /^create_body/, runBody],
  ['vision/arch', /^freeze/, runFreeze],
  ['vision/arch', /^layer_/, runLayer],
  ['vision/arch', /^model_meta/, runModelMeta],
  ['vision/arch', /^summary/, runSummary],
  ['vision/arch', /^unknown_arch/, runUnknownArch],
  ['vision/arch', /^vision_model/, runVisionModel],
  ['vision/arch', /./, runNetwork],
  ['vision/unet', /^icnr_init/, runIcnr],
  ['vision/unet', /^pixel_shuffle/, runPixelShuffle],
  ['vision/unet', /^unet_block/, runUnetBlock],
  ['vision/unet', /^splitter/, runUnetSplitter],
  ['vision/unet', /./, runUnet],
]

export function runnerOf(topic: string, name: string): Runner | undefined {
  return runners.find(([t, pattern]) => t === topic && pattern.test(name))?.[2]
}
