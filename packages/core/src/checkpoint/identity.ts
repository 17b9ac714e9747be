import { describeData, EspalierError, type Json } from '@espalier/data'
import { sha256 } from '../bundle/sha256.js'
import { cardPart } from '../card/card-part.js'
import { currentEngine } from '../engine/engine.js'
import type { FitPlan } from '../learner/fit-plan.js'
import type { Learner } from '../learner/learner.js'
import { libraryVersions } from '../library-versions.js'
import { platform } from '../platform.js'
import type { Resume } from './options.js'

/** What must be the same when a run goes on, by name. */
export type Identity = Readonly<Record<string, Json>>

/** Describes a fit so that a change of anything its numbers depend on can be told by name. */
export async function identityOf(learn: Learner, plan: FitPlan): Promise<Identity> {
  const { model, opt, dls, lossFunc, run } = learn
  const weights = [...model.weights()].map((w) => `${w.path} [${w.variable.shape}]`)
  const { name, version, threads } = currentEngine()
  return {
    // Sums that are divided among threads depend on their number in the last bits.
    engine: `${name} (${version}${threads === undefined ? '' : `, ${threads} threads`})`,
    seed: run.seed,
    model: `${model.kind}, ${weights.length} weights, ${await digest([String(model), ...weights])}`,
    loss: lossFunc.name || 'a function of your own',
    lossOptions: (await cardPart('loss', lossFunc.toJSON?.())).options ?? null,
    optimizer: `${opt.steps.map((s) => s.name).join(' → ')} on groups of ${opt.groups.map((g) => g.length)}`,
    callbacks: learn.orderedCbs().flatMap(({ name }) => (name === 'progress' ? [] : [name])),
    options: optionsOf(learn),
    fit: plan.name,
    epochs: plan.nEpoch,
    frozen: opt.frozenIdx,
    lr: opt.hypers.map((h) => h['lr'] ?? null),
    wd: opt.hypers.map((h) => h['wd'] ?? null),
    hypers: opt.hypers.map(({ lr, wd, ...others }) => others),
    versions: await libraryVersions(),
    ...(await describeData(dls, { hash: sha256, stat: platform().fileSize })),
  }
}

/** What the callbacks say of themselves, by name; a further one of a name has its number behind it. */
function optionsOf(learn: Learner): Identity {
  const options: Record<string, Json> = {}
  const seen = new Map<string, number>()
  for (const cb of learn.orderedCbs()) {
    if (!cb.describeRun) continue
    const n = (seen.get(cb.name) ?? 0) + 1
    seen.set(cb.name, n)
    options[n === 1 ? cb.name : `${cb.name} ${n}`] = cb.describeRun()
  }
  return options
}

async function digest(lines: readonly string[]): Promise<string> {
  return (await sha256(new TextEncoder().encode(lines.join('\n')))).slice(0, 12)
}

/** Throws where a run that would go on is not the one that was written down; returns what was allowed to differ. */
export function checkIdentity(dir: string, was: Identity, now: Identity, resume: Resume): readonly string[] {
  const allow = typeof resume === 'object' ? resume.allow : []
  const names = [...new Set([...Object.keys(was), ...Object.keys(now)])]
  const changed = names.filter((name) => JSON.stringify(was[name]) !== JSON.stringify(now[name]))
  const refused = changed.filter((name) => !allow.includes(name))
  if (refused.length === 0) return changed
  const lines = refused.flatMap((name) => differences(name, was[name], now[name]))
  throw new EspalierError(
    'checkpoint/changed',
    `the run in '${dir}' cannot go on as it was begun:\n${lines.join('\n')}`,
    {
      fix: `undo the change, begin a new run in another folder, or accept it: resume: { allow: [${refused.map((n) => `'${n}'`).join(', ')}] }`,
    },
  )
}

/** Where two values differ, a line for each place. */
function differences(name: string, was: Json | undefined, now: Json | undefined): string[] {
  if (JSON.stringify(was) === JSON.stringify(now)) return []
  if (!isObject(was) || !isObject(now)) return [`  ${name}: ${shown(was)} → ${shown(now)}`]
  const names = [...new Set([...Object.keys(was), ...Object.keys(now)])]
  return names.flatMap((key) => differences(`${name}.${key}`, was[key], now[key]))
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shown(value: Json | undefined): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
  return text.length > 200 ? `${text.slice(0, 199)}…` : text
}
