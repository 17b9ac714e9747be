import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSafetensors } from '@espalier/core'
import { GoldenCase, type GoldenJson } from './golden-case.js'

/** The topics of a folder of cases: its subfolders that hold JSON files, such as `vision/arch`. */
export function topics(folder: string, under = ''): string[] {
  const entries = readdirSync(join(folder, under), { withFileTypes: true })
  const own = under !== '' && entries.some((e) => e.isFile() && e.name.endsWith('.json'))
  const below = entries
    .filter((e) => e.isDirectory())
    .flatMap((e) => topics(folder, under ? `${under}/${e.name}` : e.name))
  return [...(own ? [under] : []), ...below].sort()
}

/** The names of the cases of a topic. */
export function caseNames(folder: string, topic: string): string[] {
  return readdirSync(join(folder, topic))
    .filter((f) => f.endsWith('.json'))
    .map((f) => f.slice(0, -'.json'.length))
    .sort()
}

export function readCase(folder: string, topic: string, name: string): GoldenCase {
  const json = JSON.parse(readFileSync(join(folder, topic, `${name}.json`), 'utf8')) as GoldenJson
  const file = join(folder, topic, `${name}.safetensors`)
  const tensors = existsSync(file) ? readSafetensors(readFileSync(file)).tensors : new Map()
  return new GoldenCase(json, tensors)
}
