/**
 * An error meant to be read: what was being done, to which item, what was expected and what came, and the way
 * out. `code` is stable and can be tested for.
 */
export class EspalierError extends Error {
  override readonly name = 'EspalierError'

  constructor(
    readonly code: string,
    message: string,
    options: { readonly fix?: string; readonly cause?: unknown } = {},
  ) {
    super(
      options.fix ? `${message}\n  → ${options.fix}` : message,
      'cause' in options ? { cause: options.cause } : undefined,
    )
  }
}

/** The text of whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A list for a message: the first few, then how many more. */
export function listed(values: readonly unknown[], max = 5): string {
  const shown = values.slice(0, max).join(', ')
  return values.length > max ? `${shown} and ${values.length - max} more` : shown
}
