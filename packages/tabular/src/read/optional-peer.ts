import { EspalierError } from '@espalier/data'

/** Loads a package that only some programs need; says how to get it where it is missing. */
export async function optionalPeer<T>(name: string, what: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw new EspalierError('peer/missing', `${what} needs the package ${name}, which cannot be loaded`, {
      fix: `npm install ${name}`,
      cause,
    })
  }
}
