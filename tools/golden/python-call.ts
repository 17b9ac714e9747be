/** A call as it is written in a case's `config.call`. */
export interface PythonCall {
  readonly name: string
  readonly args: readonly PythonValue[]
  readonly kwargs: Readonly<Record<string, PythonValue>>
}
export type PythonValue =
  | number
  | string
  | boolean
  | null
  | { readonly slice: readonly (number | null)[] }
  | readonly PythonValue[]

/** Reads `freeze(); fit(1, lr=0.05)`: calls apart by semicolons, numbers with arithmetic, slices, tuples, names. */
export function parseCalls(text: string): PythonCall[] {
  return text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const open = part.indexOf('(')
      if (open < 0) return { name: part, args: [], kwargs: {} }
      const args: PythonValue[] = []
      const kwargs: Record<string, PythonValue> = {}
      for (const piece of splitTop(part.slice(open + 1, part.lastIndexOf(')')))) {
        const named = /^(\w+)\s*=(?!=)(.*)$/s.exec(piece)
        if (named) kwargs[named[1]!] = parseValue(named[2]!)
        else args.push(parseValue(piece))
      }
      return { name: part.slice(0, open).trim(), args, kwargs }
    })
}

/** The arguments of a call by the names of a signature. What is `None` is left out, what is unknown is an error. */
export function bound(
  { name, args, kwargs }: PythonCall,
  signature: readonly string[],
): Record<string, PythonValue> {
  const positional = args.map((v, i) => [signature[i] ?? `argument ${i}`, v] as const)
  const all = [...positional, ...Object.entries(kwargs)]
  const unknown = all.find(([key]) => !signature.includes(key))
  if (unknown) throw new Error(`the golden runner knows no '${unknown[0]}' of ${name}`)
  return Object.fromEntries(all.filter(([, v]) => v !== null))
}

function parseValue(source: string): PythonValue {
  const text = source.trim()
  if (text === 'None') return null
  if (text === 'True' || text === 'False') return text === 'True'
  if (text.startsWith('slice(')) {
    const parts = splitTop(text.slice('slice('.length, -1)).map((p) => parseValue(p) as number | null)
    return { slice: parts.length === 1 ? [null, parts[0]!] : parts }
  }
  if (/^[([]/.test(text)) return splitTop(text.slice(1, -1)).map(parseValue)
  if (/^[-+.\d]/.test(text)) return arithmetic(text)
  return text.replace(/^['"]|['"]$/g, '')
}

/** `1e-2/2.6**4`: powers, then products from the left. */
function arithmetic(text: string): number {
  const tokens = text
    .replaceAll(' ', '')
    .replaceAll('**', '^')
    .split(/(?<![eE])([*/])/)
  const power = (t: string) =>
    t
      .split('^')
      .map(Number)
      .reduceRight((exponent, base) => base ** exponent)
  return tokens.reduce((value, token, i) => {
    if (i === 0) return power(token)
    if (i % 2 === 1) return value
    return tokens[i - 1] === '*' ? value * power(token) : value / power(token)
  }, 0)
}

/** Splits at commas outside brackets. */
function splitTop(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let begin = 0
  for (const [i, c] of [...text].entries()) {
    if ('([{'.includes(c)) depth++
    if (')]}'.includes(c)) depth--
    if (c === ',' && depth === 0) {
      parts.push(text.slice(begin, i))
      begin = i + 1
    }
  }
  parts.push(text.slice(begin))
  return parts.map((p) => p.trim()).filter((p) => p !== '')
}
