import type { Learner } from '../learner/learner.js'
import type { Manifest } from './manifest.js'

/** A page about an exported model for whoever finds it. */
export function modelCard(learn: Learner, { model, weights }: Manifest): string {
  const { recorder } = learn
  const vocab = learn.dls.target?.vocab
  const last = recorder.values.at(-1)
  const results = last ? recorder.columns.map((name, i) => `| ${name} | ${last[i]?.toFixed(6) ?? ''} |`) : []
  return `${[
    `# ${model.name}`,
    '',
    `Exported by Espalier. Options: \`${JSON.stringify(model.options)}\`.`,
    ...(vocab ? ['', `Classes (${vocab.length}): ${vocab.join(', ')}.`] : []),
    ...(results.length ? ['', '| measure | last epoch |', '| --- | --- |', ...results] : []),
    '',
    `Weights: \`weights.safetensors\`, ${weights.bytes} bytes, sha256 \`${weights.sha256}\`.`,
    '',
    '```ts',
    "import { loadLearner } from '@espalier/vision'",
    '',
    "const learn = await loadLearner('this-folder')",
    "const prediction = await learn.predict('photo.jpg')",
    '```',
  ].join('\n')}\n`
}
