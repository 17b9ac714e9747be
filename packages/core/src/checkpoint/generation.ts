/** A state of a run in its folder, as its name says. */
export interface Generation {
  readonly name: string
  readonly fit: number
  /** Training steps of the run, or infinity for the end of a fit. */
  readonly step: number
  readonly done: boolean
}

const pattern = /^fit-(\d{4,})-(?:step-(\d{9,})|end)-[0-9a-f]{8}$/

/** The name of a state: the fit, the step, and the beginning of its manifest's hash. */
export function generationName(fit: number, step: number, done: boolean, hash: string): string {
  const at = done ? 'end' : `step-${String(step).padStart(9, '0')}`
  return `fit-${String(fit).padStart(4, '0')}-${at}-${hash.slice(0, 8)}`
}

/** What a name says, if it is that of a state. */
function parseGeneration(name: string): Generation | undefined {
  const match = pattern.exec(name)
  if (!match) return undefined
  const done = match[2] === undefined
  return { name, fit: Number(match[1]), step: done ? Number.POSITIVE_INFINITY : Number(match[2]), done }
}

/** The states among the names in a folder, the latest first. */
export function generationsOf(names: readonly string[]): Generation[] {
  return names
    .flatMap((name) => parseGeneration(name) ?? [])
    .sort((a, b) => b.fit - a.fit || (a.step === b.step ? 0 : b.step - a.step))
}
