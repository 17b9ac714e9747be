import type { Portable } from '@espalier/data'
import { currentEngine, useEngine } from '../engine/engine.js'
import { weightsDigest } from '../io/weights-digest.js'
import { timeNow } from '../learner/fit-about.js'
import type { FitRecord } from '../learner/fit-record.js'
import type { Learner } from '../learner/learner.js'
import { libraryVersions } from '../library-versions.js'
import { installedPlatform } from '../platform.js'
import { cardPart } from './card-part.js'
import { cardNumber, packCurve } from './curve.js'
import { dataOf } from './data-of.js'
import { digestOf, textDigest, type Undigested } from './digest-of.js'
import { type CardFit, type CardPart, cardVersion, type RunCard } from './run-card.js'

/** The run card of a learner as it stands now. */
export async function cardOf(learn: Learner): Promise<RunCard> {
  learn.usage.alive()
  await useEngine()
  const { dls, lossFunc, metrics, opt, recorder, run } = learn
  const machine = installedPlatform()?.machine
  const { name, version, threads = null } = currentEngine()
  const began = recorder.fits.find((fit) => fit.about)?.about?.began
  const card: Undigested = {
    format: 'espalier-run-card',
    version: cardVersion,
    learner: placeOf(learn),
    seed: run.seed,
    model: await modelOf(learn),
    bs: dls.train.options.bs,
    validBs: dls.valid.options.bs,
    ...(await dataOf(dls)),
    dataSeed: dls.train.options.seed,
    skipped: [dls.train.skipped.size, dls.valid.skipped.size],
    loss: await cardPart(lossFunc.name || 'a function', lossFunc.toJSON?.()),
    metrics: metrics.map((m) => m.name),
    optimizer: {
      steps: opt.steps.map((s) => s.name),
      groups: opt.groups.map((g) => g.length),
      noDecay: opt.noDecay.size,
      forceTrain: opt.forceTrain.size,
    },
    fits: await Promise.all(recorder.fits.map(fitOf)),
    weights: await weightsDigest(learn.model),
    engine: { name, version, threads },
    versions: await libraryVersions(),
    environment: { ...(machine?.describe() ?? { runtime: 'browser' }) },
    program: (await programNow()) ?? null,
    time: { began: began === undefined ? null : iso(began), ended: iso(timeNow()) },
  }
  return { ...card, digest: await digestOf(card) }
}

let program: ReturnType<typeof readProgram> | undefined

/** The program as it was when first asked for: it may be edited while it runs. */
export function programNow(): ReturnType<typeof readProgram> {
  program ??= readProgram()
  return program
}

async function readProgram() {
  return installedPlatform()?.machine?.program()
}

const places = new WeakMap<Learner, number>()
let learners = 0

/** The number of a learner among those of this program. */
export function placeOf(learn: Learner): number {
  const place = places.get(learn) ?? learners++
  places.set(learn, place)
  return place
}

async function modelOf({ model, options }: Learner): Promise<RunCard['model']> {
  const weights = [...model.weights()]
  const portable = options.portable ?? model.portable
  const lines = weights.map(({ path, variable }) => `${path} ${variable.dtype} [${variable.shape}]`)
  return {
    kind: model.kind,
    parameters: model.parameters().reduce((n, p) => n + p.size, 0),
    weights: weights.length,
    layers: await textDigest([String(model), ...lines].join('\n')),
    portable: portable ? await partOf(portable) : null,
  }
}

function partOf(part: Portable): Promise<CardPart> {
  return cardPart(part.name, part.toJSON?.())
}

async function fitOf(record: FitRecord): Promise<CardFit> {
  const { about, rawLosses, lrs, moms, columns, values, seconds, restored = false } = record
  const { phase = '', epochs = 0, frozen = 0, hypers = [], callbacks = [], began = 0, ended } = about ?? {}
  return {
    phase,
    epochs,
    frozen,
    hypers: hypers.map((h) => Object.fromEntries(Object.entries(h).map(([k, v]) => [k, cardNumber(v)]))),
    callbacks: await Promise.all(callbacks.map((cb) => cardPart(cb.name, cb.options))),
    end: about?.end ?? (restored ? 'over' : 'running'),
    steps: rawLosses.length,
    columns,
    rows: values.map((row) => row.map((v) => (v === undefined ? null : cardNumber(v)))),
    losses: packCurve(rawLosses),
    lrs: packCurve(lrs),
    moms: packCurve(moms),
    seconds: seconds.map(cardNumber),
    began: iso(began),
    ended: ended === undefined ? null : iso(ended),
    restored,
  }
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
