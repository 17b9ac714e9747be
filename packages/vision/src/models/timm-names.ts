/** torch's name of a weight that a checkpoint has under another; names that are torch's already come back. */
export type KeyMap = (key: string) => string

/** Where the first block of each of timm's stages lies among torchvision's `features`, which are not in stages. */
const mobileNetStages = [1, 2, 4, 7, 11, 14, 17]

/** What timm calls the parts of a block, in the order that torchvision numbers them. */
const mobileNetParts: Readonly<Record<'first' | 'later', Readonly<Record<string, string>>>> = {
  first: { conv_dw: '0.0', bn1: '0.1', conv_pw: '1', bn2: '2' },
  later: { conv_pw: '0.0', bn1: '0.1', conv_dw: '1.0', bn2: '1.1', conv_pwl: '2', bn3: '3' },
}
const efficientNetParts: typeof mobileNetParts = {
  first: {
    ...{ conv_dw: '0.0', bn1: '0.1', conv_pw: '2.0', bn2: '2.1' },
    ...{ 'se.conv_reduce': '1.fc1', 'se.conv_expand': '1.fc2' },
  },
  later: {
    ...{ conv_pw: '0.0', bn1: '0.1', conv_dw: '1.0', bn2: '1.1', conv_pwl: '3.0', bn3: '3.1' },
    ...{ 'se.conv_reduce': '2.fc1', 'se.conv_expand': '2.fc2' },
  },
}

/** The names of timm's `mobilenetv2_100`. */
export const mobileNetNames: KeyMap = (key) =>
  around(key, 18) ??
  inBlock(key, mobileNetParts, (stage, i, part) => `features.${mobileNetStages[stage]! + i}.conv.${part}`)

/** The names of timm's `efficientnet_b0`. */
export const efficientNetNames: KeyMap = (key) =>
  around(key, 8) ??
  inBlock(key, efficientNetParts, (stage, i, part) => `features.${stage + 1}.${i}.block.${part}`)

/** The names of timm's `convnext_tiny`. */
export const convNeXtNames: KeyMap = (key) => {
  const parts = { conv_dw: '0', norm: '2', 'mlp.fc1': '3', 'mlp.fc2': '5' }
  const block = /^stages\.(\d)\.blocks\.(\d+)\.(.+)$/.exec(key)
  if (block) {
    const place = `features.${2 * Number(block[1]) + 1}.${block[2]}`
    if (block[3] === 'gamma') return `${place}.layer_scale`
    for (const [theirs, ours] of Object.entries(parts))
      if (block[3]!.startsWith(`${theirs}.`)) return `${place}.block.${ours}${block[3]!.slice(theirs.length)}`
  }
  return key
    .replace(/^stem\./, 'features.0.')
    .replace(/^stages\.(\d)\.downsample\./, (_, stage) => `features.${2 * Number(stage)}.`)
    .replace(/^head\.norm\./, 'classifier.0.')
    .replace(/^head\.fc\./, 'classifier.2.')
}

/** The names of timm's `vgg*_bn`, whose classifier is made of convolutions. */
export const vggNames: KeyMap = (key) =>
  key
    .replace(/^pre_logits\.fc1\./, 'classifier.0.')
    .replace(/^pre_logits\.fc2\./, 'classifier.3.')
    .replace(/^head\.fc\./, 'classifier.6.')

/** The first names of torchvision's `densenet*`: `norm.1` for what is `norm1` now. */
export const denseNetNames: KeyMap = (key) => key.replace(/(denselayer\d+\.(?:norm|conv))\.([12])\./, '$1$2.')

/** What comes before and after the blocks of a mobile network; undefined for what lies in them. */
function around(key: string, last: number): string | undefined {
  if (key.startsWith('blocks.')) return undefined
  return key
    .replace(/^conv_stem\./, 'features.0.0.')
    .replace(/^bn1\./, 'features.0.1.')
    .replace(/^conv_head\./, `features.${last}.0.`)
    .replace(/^bn2\./, `features.${last}.1.`)
    .replace(/^classifier\.(?=\w+$)/, 'classifier.1.')
}

/** The first stage has no expansion, so that the same parts have other names there. */
function inBlock(
  key: string,
  parts: typeof mobileNetParts,
  place: (stage: number, i: number, part: string) => string,
): string {
  const [, stage, i, part, rest] = /^blocks\.(\d)\.(\d+)\.((?:se\.)?\w+)\.(\w+)$/.exec(key) ?? []
  const ours = parts[stage === '0' ? 'first' : 'later'][part ?? '']
  return ours === undefined ? key : `${place(Number(stage), Number(i), ours)}.${rest}`
}
