import { sha256 } from '../bundle/sha256.js'
import type { AnyModule } from '../nn/module.js'

/** A SHA-256 of every weight of a model with its path and shape: equal where two models are, to the last bit. */
export async function weightsDigest(model: AnyModule): Promise<string> {
  // All weights are read before the first wait: the model may be gone after it.
  const lines = [...model.weights()].map(async ({ path, variable }) => {
    const { buffer, byteOffset, byteLength } = variable.dataSync()
    const hash = sha256(new Uint8Array(buffer, byteOffset, byteLength))
    return `${path} ${variable.dtype} [${variable.shape}] ${await hash}`
  })
  return sha256(new TextEncoder().encode((await Promise.all(lines)).join('\n')))
}
