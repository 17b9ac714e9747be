import util from 'node:util'

/**
 * tfjs's Node kernels call two functions of `node:util` that Node warns about, and no longer has from 23 on. Imported
 * before them, this puts quiet ones in their place.
 */
const legacy = util as unknown as Record<string, unknown>
legacy['isNullOrUndefined'] = (value: unknown) => value === null || value === undefined
legacy['isArray'] = Array.isArray
