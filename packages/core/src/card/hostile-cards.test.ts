import { EspalierError, Random } from '@espalier/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import { cardText } from './card-text.js'
import { diffCards } from './diff-cards.js'
import { digestOf } from './digest-of.js'
import { maxCardBytes, parseRunCards } from './parse-cards.js'
import type { RunCard } from './run-card.js'

let card: RunCard

beforeAll(async () => {
  await useEngine('cpu')
  using learn = toyLearner(await toyLoaders())
  await learn.fit(2)
  card = await learn.card()
})

const bytes = (text: string) => new TextEncoder().encode(text)
const text = () => cardText([card])

async function refusal(source: string | Uint8Array): Promise<EspalierError> {
  const error = await parseRunCards(typeof source === 'string' ? bytes(source) : source).catch((e) => e)
  expect(error).toBeInstanceOf(EspalierError)
  expect(Object.keys(Object.prototype)).toEqual([])
  return error as EspalierError
}

/** A card with other fields and a digest that is theirs. */
async function changed(fields: object): Promise<string> {
  const { digest: _, ...rest } = { ...card, ...fields } as RunCard
  return cardText([{ ...rest, digest: await digestOf(rest) } as RunCard])
}

it('what was written is read', async () => {
  expect(await parseRunCards(bytes(text()))).toEqual([card])
  expect(await parseRunCards(bytes(JSON.stringify([card, card])))).toEqual([card, card])
  expect(await parseRunCards(bytes(await changed({ seed: 7 })))).toMatchObject([{ seed: 7 }])
  const lines = text().split('\n')
  expect(lines.filter((line) => /^ {6}"losses": "[\w+/]+=*",$/.test(line))).toHaveLength(1)
  expect(lines.length).toBeLessThan(120)
})

describe('refused is', () => {
  it.each([
    ['no JSON', 'not json', 'it is not JSON'],
    ['nothing', '', 'it is not JSON'],
    ['no card', '{}', 'it does not say that it is a run card'],
    ['no object', '5', 'it does not say that it is a run card'],
    ['null', 'null', 'it does not say that it is a run card'],
    ['an empty list', '[]', 'it holds no card'],
    ['a list of others', '[{"format":"other"}]', 'it does not say that it is a run card'],
    ['what is deep', '['.repeat(1e6), 'it is nested too deeply'],
  ])('%s', async (_, source, problem) => {
    const { code, message } = await refusal(source)
    expect(code).toBe('card/invalid')
    expect(message).toContain(`not a valid run card: ${problem}`)
  })

  it('what is not UTF-8, too large, or no bytes', async () => {
    expect((await refusal(Uint8Array.of(0xff, 0xfe))).message).toContain('it is not UTF-8')
    expect((await refusal(new Uint8Array(maxCardBytes + 1))).message).toMatch(/it has \d+ bytes, at most/)
    const error = await parseRunCards('x' as never).catch((e) => e)
    expect(error.message).toContain('the bytes of a file are needed')
  })

  it('a newer format', async () => {
    const { code, message } = await refusal(JSON.stringify({ ...card, version: 2 }))
    expect(code).toBe('card/too-new')
    expect(message).toContain(
      'has format 2, this version of Espalier reads up to 1\n  → update @espalier/core',
    )
  })

  it('an unknown field, at any depth', async () => {
    expect((await refusal(JSON.stringify({ ...card, run: 'rm' }))).message).toContain(
      'Unrecognized key: "run"',
    )
    const program = { path: 'a.js', sha256: card.weights, args: [], shell: true }
    expect((await refusal(await changed({ program }))).message).toContain(
      'program: Unrecognized key: "shell"',
    )
    const fits = [{ ...card.fits[0], run: 1 }]
    expect((await refusal(await changed({ fits }))).message).toContain('fits.0: Unrecognized key')
  })

  it.each(['__proto__', 'constructor', 'prototype'])('a key %s', async (key) => {
    for (const place of ['"data": {', '"environment": {', '"format"']) {
      const hostile = text().replace(
        place,
        place.endsWith('{') ? `${place}"${key}":{"polluted":1},` : `"${key}":1,${place}`,
      )
      expect(hostile).not.toBe(text())
      expect((await refusal(hostile)).message).toContain(`it has a key '${key}'`)
    }
  })

  it('a key that is there twice, and a missing one', async () => {
    expect((await refusal(text().replace('"seed"', '"seed": 1, "seed"'))).message).toContain('a key twice')
    const { weights: _, ...rest } = card
    expect((await refusal(JSON.stringify(rest))).message).toContain('weights: Invalid input')
  })

  it('a number or a hash that is none', async () => {
    for (const fields of [
      { seed: 'x' },
      { bs: -1 },
      { bs: 1.5 },
      { weights: 'x' },
      { engine: { name: 'sh' } },
    ]) {
      expect((await refusal(await changed(fields))).code).toBe('card/invalid')
    }
  })

  it('a curve of another length, and one that is no curve', async () => {
    for (const losses of ['', 'AAAA', 'AAAAAA==', '!']) {
      const fits = [{ ...card.fits[0], losses }]
      expect((await refusal(await changed({ fits }))).code).toMatch(/^card\/(invalid|curve)$/)
    }
    const rows = [[1]]
    expect((await refusal(await changed({ fits: [{ ...card.fits[0], rows }] }))).message).toContain('curves')
  })

  it('what was changed without its digest', async () => {
    const { message } = await refusal(text().replace('"bs": 8', '"bs": 9'))
    expect(message).toContain('its digest is not that of what it says: it was changed')
    const moved = await parseRunCards(bytes(JSON.stringify({ ...card, environment: { runtime: 'other' } })))
    expect(moved).toHaveLength(1) // Where it ran is not part of it.
  })
})

it('any damage is refused in a readable way, or is a card all the same', async () => {
  const whole = bytes(text())
  const random = new Random(1, 'damage')
  let refused = 0
  for (let i = 0; i < 200; i++) {
    const torn = i % 2 === 0 ? whole.slice(0, random.int(whole.length)) : whole.slice()
    if (i % 2 === 1) torn[random.int(torn.length)] = random.int(256)
    const result = await parseRunCards(torn).catch((e: unknown) => e)
    if (result instanceof Error) {
      expect(result).toBeInstanceOf(EspalierError)
      expect(result.message.split('\n').length).toBeLessThanOrEqual(2)
      refused++
    }
  }
  expect(refused).toBeGreaterThan(150)
})

it('messages and differences do not drive a terminal', async () => {
  const name = '\u001b[2J\u202e\r\nrun'
  const a = { ...card, loss: { name } } as RunCard
  for (const change of [...diffCards(card, a), ...diffCards(card, { ...card, data: { [name]: name } })]) {
    expect(`${change}`).not.toMatch(/[\p{C}\r\n]/u)
  }
  const { message } = await refusal(JSON.stringify({ ...card, [name]: 1 }))
  expect(message.split('\n')[0]).not.toContain('\u001b')
})

it('a file as large as may be is refused or read in a moment', async () => {
  const long = 'x'.repeat(maxCardBytes - 1000)
  const sources = [
    `"${long}"`,
    `{"format": "espalier-run-card", "version": 1, "seed": "${long}"}`,
    '[0,'.repeat(10 ** 7),
  ]
  for (const source of sources) {
    const began = performance.now()
    await refusal(source)
    expect(performance.now() - began).toBeLessThan(2000)
  }
})
