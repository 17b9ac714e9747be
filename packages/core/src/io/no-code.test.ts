import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const folder = new URL('.', import.meta.url)
const sources = sourcesIn(folder)
const nodeFolder = new URL('../node/io/', import.meta.url)

function sourcesIn(folder: URL): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
}

// What reads files that others made has no means to run, load or open anything.
it.each(sources)('%s cannot run code or open files', (name) => {
  const text = readFileSync(new URL(name, folder), 'utf8')
  for (const [, from] of text.matchAll(/\bfrom '([^']*)'/g))
    expect(from).toMatch(/^\.\.?\/|^@espalier\/data$|^fflate$/)
  expect(text).not.toMatch(
    /\b(?:eval|Function|require|import|setTimeout|fetch)\s*\(|\bprocess\.|\bglobalThis\b/,
  )
})

it.each(sourcesIn(nodeFolder))('node/%s cannot run code', (name) => {
  const text = readFileSync(new URL(name, nodeFolder), 'utf8')
  expect(text).not.toMatch(/\b(?:eval|Function|require|import)\s*\(|child_process|node:(?:vm|module|worker)/)
})

it('looks at every source', () => {
  expect(sources).toContain('safetensors-header.ts')
  expect(sources).toContain('torch/unpickle.ts')
  expect(sourcesIn(nodeFolder)).toContain('download.ts')
})
