import { sha256 } from '../bundle/sha256.js'
import type { AnyModule } from '../nn/module.js'

/** A SHA-256 of every weight of a model with its path and shape: equal where two models are, to the last bit. */
export async function weightsDigest(model: AnyModule): Promise<string> {
  const lines: string[] = []
  for (const { path, variable } of model.weights()) {
    const { buffer, byteOffset, byteLength } = variable.dataSync()
    const bytes = new Uint8Array(buffer, byteOffset, byteLength)
    lines.push(`${path} ${variable.dtype} [${variable.shape}] ${await sha256(bytes)}`)
  }
  return sha256(new TextEncoder().encode(lines.join('\n')))
}
