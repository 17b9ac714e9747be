import { listed } from '@espalier/data'
import { sha256 } from '../bundle/sha256.js'
import { readSafetensors, type SafeTensor } from '../io/safetensors.js'
import { platform } from '../platform.js'
import { type TensorFile, tensorFiles } from './capture.js'
import { damaged, newer } from './errors.js'
import { checkBytes } from './manifest.js'
import { parseManifest, parseRunFile } from './parse.js'
import type { RunFile } from './run-file.js'

/** A state of a run that was read and checked. */
export interface ReadGeneration {
  readonly name: string
  readonly file: RunFile
  readonly tensors: Readonly<Record<TensorFile, ReadonlyMap<string, SafeTensor>>>
}

/** Reads a state of a run. Every byte is checked against the manifest, and that against the folder's name. */
export async function readGeneration(dir: string, name: string): Promise<ReadGeneration> {
  const folder = `${dir}/${name}`
  const read = async (file: string) => {
    try {
      return await platform().readFile(`${folder}/${file}`)
    } catch (cause) {
      throw damaged(`${folder}/${file}`, 'it cannot be read', cause)
    }
  }
  const bytes = await read('manifest.json')
  const hash = await sha256(bytes)
  if (!name.endsWith(hash.slice(0, 8))) {
    throw damaged(
      `${folder}/manifest.json`,
      `its hash is ${hash.slice(0, 8)}, the folder's name says another`,
    )
  }
  const { files } = await parseManifest(`${folder}/manifest.json`, bytes)
  const checked = async (file: string) => {
    const content = await read(file)
    await checkBytes(`${folder}/${file}`, content, files[file])
    return content
  }
  const known = ['state.json', ...tensorFiles.map((f) => `${f}.safetensors`)]
  const unknown = Object.keys(files).filter((file) => !known.includes(file))
  if (unknown.length > 0) throw newer(folder, `it has the files ${listed(unknown)}`)
  const file = await parseRunFile(`${folder}/state.json`, await checked('state.json'))
  const tensors = { model: new Map(), optimizer: new Map(), state: new Map() } as Record<
    TensorFile,
    ReadonlyMap<string, SafeTensor>
  >
  for (const key of tensorFiles) {
    const path = `${key}.safetensors`
    if (Object.hasOwn(files, path)) tensors[key] = readSafetensors(await checked(path)).tensors
  }
  return { name, file, tensors }
}
