import { type AnyModule, loadStateDict } from '@espalier/core'
import { EspalierError } from '@espalier/data'
import { checkArch } from './models/check-arch.js'
import { metaOf } from './models/model-meta.js'
import type { Arch } from './models/vision-model.js'
import { renamed } from './renamed.js'
import { type WeightsLike, weightsOf } from './weights.js'

/**
 * Gives a whole network of an architecture its weights, the classifier too: by torchvision's names, or by timm's where
 * the architecture knows them. All of them must be there, and nothing else.
 *
 * @example
 * using net = convnextTiny()
 * await loadPretrained(net, convnextTiny, 'hf://timm/convnext_tiny.fb_in1k/model.safetensors')
 */
export async function loadPretrained(net: AnyModule, arch: Arch, weights?: WeightsLike): Promise<void> {
  checkArch(arch)
  const meta = metaOf(arch)
  const from = weights ?? meta.weights
  if (from === undefined) {
    throw new EspalierError('weights/none', `there are no pretrained weights for '${arch.archName}'`, {
      fix: 'pass weights (a .safetensors or .pth file)',
    })
  }
  loadStateDict(net, renamed(net, await weightsOf(from), meta.keyMap))
}
