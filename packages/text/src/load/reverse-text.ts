import { type NdArray, ndArray, type Transform } from '@espalier/data'

/** Turns a text round, for models that read backwards (fastai's `reverse_text`). */
export function reverseText(): Transform<NdArray<'int32'>, NdArray<'int32'>> {
  const turned = ({ data }: NdArray<'int32'>) =>
    ndArray('int32', [data.length], data.slice().reverse(), 'text')
  return { name: 'reverseText', toJSON: () => ({}), encode: turned, decode: turned }
}
