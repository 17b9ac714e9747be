import util from 'node:util'

/**
 * tfjs's Node kernels call two functions of `node:util` that Node 23 and later no longer have. Imported before
 * them, this gives the missing ones back.
 */
const legacy = util as unknown as Record<string, unknown>
legacy['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined
legacy['isArray'] ??= Array.isArray
