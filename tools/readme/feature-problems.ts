import { type EntryPoint, has } from './entry-points.js'
import { type Feature, featuresIn } from './features.js'

/** Where a text about the features is wrong, each as `LINE: TEXT`; nothing when all is true. */
export function featureProblems(
  markdown: string,
  entries: ReadonlyMap<string, EntryPoint>,
): readonly string[] {
  const features = featuresIn(markdown)
  return [
    ...features.flatMap((feature) =>
      [statusProblem(feature), ...nameProblems(feature, entries), ...stale(feature, entries)].map(
        (problem) => problem && `${feature.line}: ${problem}`,
      ),
    ),
    ...twice(features),
    ...withoutLine(features, entries),
  ].filter((problem) => problem !== undefined)
}

/** Whether a feature is there, wholly or in part. */
const isThere = ({ status }: Feature) => status === undefined || /^(yes|part)\b/.test(status)

function statusProblem({ status, fastai, ours }: Feature): string | undefined {
  if (status === undefined) return ours.length === 0 ? 'nothing is named' : undefined
  if (fastai.length === 0) return 'no symbol of fastai is named'
  if (/^(yes|planned)$|^(part|no): \S/.test(status)) return undefined
  return `the status '${status}' is none of yes, part: …, planned, no: …`
}

function nameProblems(feature: Feature, entries: ReadonlyMap<string, EntryPoint>): readonly string[] {
  const { ours, from } = feature
  if (!isThere(feature)) return ours.length > 0 ? [`${ours} is named, and said to be missing`] : []
  if (ours.length === 0) return ['said to be there, and not named']
  const entry = entries.get(from)
  if (!entry) return [`there is no package '${from}'`]
  return ours.filter((name) => !has(entry, name)).map((name) => `${from} does not export ${name}`)
}

/** What is said to be missing, and is there under the name that is to be expected. */
function stale(feature: Feature, entries: ReadonlyMap<string, EntryPoint>): readonly string[] {
  if (isThere(feature)) return []
  return feature.fastai.flatMap((symbol) => {
    const camel = symbol.replace(/_([a-z\d])/gi, (_, c: string) => c.toUpperCase())
    const expected = [camel, camel.replace(/^[A-Z]/, (c) => c.toLowerCase())]
    const found = [...entries].find(([, entry]) => expected.some((name) => has(entry, name)))
    return found ? [`${symbol} is said to be missing, ${found[0]} exports it`] : []
  })
}

function twice(features: readonly Feature[]): readonly string[] {
  const first = new Map<string, number>()
  return features.flatMap(({ fastai, line }) =>
    fastai.flatMap((symbol) => {
      const before = first.get(symbol)
      first.set(symbol, before ?? line)
      return before === undefined ? [] : [`${line}: ${symbol} is already in line ${before}`]
    }),
  )
}

function withoutLine(
  features: readonly Feature[],
  entries: ReadonlyMap<string, EntryPoint>,
): readonly string[] {
  const named = new Set(features.filter(isThere).flatMap(({ ours }) => ours))
  const missing = new Map<string, string>()
  for (const [specifier, { values }] of entries) {
    for (const name of Object.keys(values))
      if (!named.has(name) && !missing.has(name)) missing.set(name, specifier)
  }
  return [...missing].map(([name, specifier]) => `${specifier} exports ${name}, which has no line`)
}
