import { EspalierError } from '@espalier/data'
import { quoted } from '../quoted.js'
import { pickleError } from './pickle-values.js'
import { unpickle } from './unpickle.js'

/**
 * Reads a list of texts that Python pickled, such as the vocabulary beside fastai's language models. It is read as data:
 * a pickle that names anything but texts is refused.
 */
export function readPickledTexts(file: Uint8Array): readonly string[] {
  const refuse = (what: string): never => {
    throw pickleError(`a list of texts needs no ${what}`)
  }
  const { value } = unpickle(file, {
    global: (module, name) => refuse(quoted(`${module}.${name}`)),
    persistent: () => refuse('storage'),
  })
  if (Array.isArray(value) && value.every((text) => typeof text === 'string')) return value
  throw new EspalierError('torch/texts', 'this pickle does not hold a list of texts', {
    fix: "in Python: pickle.dump(list(vocab), open('vocab.pkl', 'wb'))",
  })
}
