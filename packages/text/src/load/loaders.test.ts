import { type Batch, type DataLoader, type Dataset, type NdArray, ndArray, Random } from '@espalier/data'
import { describe, expect, it } from 'vitest'
import { LMDataLoader } from './lm-data-loader.js'
import { padInput } from './pad-input.js'
import { padChunk, padInputChunk } from './pad-input-chunk.js'
import { reverseText } from './reverse-text.js'
import { measured, SortedDL } from './sorted-dl.js'

const rows = ({ data, shape }: NdArray) =>
  Array.from({ length: shape[0]! }, (_, r) => [...data.subarray(r * shape[1]!, (r + 1) * shape[1]!)])

async function all(dl: DataLoader, epoch = 0, from = 0): Promise<Batch[]> {
  const batches: Batch[] = []
  for await (const batch of dl.batches(epoch, from)) batches.push(batch)
  return batches
}

/** Texts of numbered tokens. */
const numbered = (lens: readonly number[]) => {
  const begins = lens.map((_, i) => lens.slice(0, i).reduce((a, b) => a + b, 0))
  return { lens, read: (i: number) => Int32Array.from({ length: lens[i]! }, (_, k) => begins[i]! + k) }
}

describe('LMDataLoader', () => {
  it('goes on in every row where the batch before ended', async () => {
    const dl = new LMDataLoader(numbered([20]), { bs: 3, seqLen: 4 })
    const batches = await all(dl)
    expect(dl.length).toBe(2)
    expect(batches.map((b) => rows(b.arrays[0]!))).toEqual([
      [
        [0, 1, 2, 3],
        [6, 7, 8, 9],
        [12, 13, 14, 15],
      ],
      [
        [4, 5],
        [10, 11],
        [16, 17],
      ],
    ])
    expect(rows(batches[1]!.arrays[1]!)).toEqual([
      [5, 6],
      [11, 12],
      [17, 18],
    ])
    expect(batches[0]!.arrays[0]!.dtype).toBe('int32')
  })

  it('shuffles texts by epoch, not windows, and goes on anywhere with the same batches', async () => {
    const dl = new LMDataLoader(numbered([5, 9, 3, 12, 7, 1, 8]), {
      bs: 2,
      seqLen: 6,
      shuffle: true,
      seed: 7,
    })
    const [first, second] = [await all(dl, 0), await all(dl, 1)]
    expect(first.map((b) => rows(b.arrays[0]!))).not.toEqual(second.map((b) => rows(b.arrays[0]!)))
    expect(await all(dl, 0)).toEqual(first)
    for (const [k, { next }] of first.entries()) expect(await all(dl, 0, next)).toEqual(first.slice(k + 1))
    const read = first.flatMap((b) => rows(b.arrays[0]!)).flat()
    expect(new Set(read).size).toBe(read.length)
    const joined = rows(first[0]!.arrays[1]!).map((row) => row.at(-1))
    expect(rows(first[1]!.arrays[0]!).map((row) => row[0])).toEqual(joined)
  })

  it('is a loader like another: options, other data, a fingerprint', async () => {
    const dl = new LMDataLoader(numbered([40]), { bs: 2, seqLen: 5 })
    expect(dl.with({ bs: 3 })).toBeInstanceOf(LMDataLoader)
    expect(dl.with({ bs: 3 }).length).toBe(3)
    const other: Dataset = { length: 1, sample: async () => [ndArray('int32', [2], [1, 2])], id: String }
    expect((await all(dl.with({}, other))).map((b) => b.arrays[0]!.shape)).toEqual([[1, 2]])
    let bytes = 0
    for await (const part of dl.stream.fingerprint()) bytes += part.length
    expect(bytes).toBe(160)
  })

  it('says what does not fit', async () => {
    expect(() => new LMDataLoader(numbered([3]), { bs: 64 })).toThrow('3 tokens cannot fill 64 rows')
    expect(() => new LMDataLoader(numbered([30]), { bs: 2, seqLen: 0 })).toThrow('seqLen must be')
    const changing = { lens: [30], read: () => new Int32Array(3), id: () => 'a.txt' }
    await expect(all(new LMDataLoader(changing, { bs: 2 }))).rejects.toThrow(
      'a.txt has 3 tokens now, it had 30',
    )
  })
})

const texts = (lens: readonly number[]): Dataset => ({
  length: lens.length,
  sample: async (i) => [ndArray('int32', [lens[i]!], new Int32Array(lens[i]!).fill(i + 2), 'text')],
  id: String,
})
const lensOf = (n: number) => {
  const random = new Random(5, 'lens')
  return Array.from({ length: n }, () => 30 + Math.floor(250 * random.uniform() ** 3) + random.int(60))
}

describe('SortedDL', () => {
  it('validates longest first, whatever it had to measure', async () => {
    const lens = [3, 7, 7, 1, 9]
    const dl = new SortedDL(texts(lens), { bs: 2, beforeBatch: [padInput()] })
    expect([...(await measured(dl.dataset))]).toEqual(lens)
    expect((await all(dl)).flatMap((b) => b.indices)).toEqual([4, 1, 2, 0, 3])
  })

  it('trains on all, the longest first, in another order each epoch, with at most a tenth of padding', async () => {
    const lens = lensOf(1000)
    const dl = new SortedDL(texts(lens), {
      bs: 16,
      shuffle: true,
      beforeBatch: [padInputChunk({ padToMultiple: false })],
    })
    const batches = await all(dl)
    const seen = batches.flatMap((b) => b.indices)
    expect(new Set(seen).size).toBe(62 * 16)
    expect(lens[seen[0]!]).toBe(Math.max(...lens))
    expect(dl.order(0)).not.toEqual(dl.order(1))
    expect([...dl.order(0)].sort((a, b) => a - b)).toEqual(lens.map((_, i) => i))
    const shares = batches.map(({ arrays: [x] }) => x!.data.filter((id) => id === 1).length / x!.data.length)
    expect(shares.reduce((a, b) => a + b) / shares.length).toBeLessThan(0.1)
    expect(await all(dl, 0, batches[2]!.next)).toEqual(batches.slice(3))
  })

  it('measures another data set by itself', async () => {
    const dl = new SortedDL(texts([1, 2]), { lens: [1, 2], beforeBatch: [padInput()] })
    const other = dl.with({ bs: 8 }, texts([2, 5, 3]))
    expect((await all(other)).flatMap((b) => b.indices)).toEqual([1, 2, 0])
  })
})

describe('padding', () => {
  const samples = [[5, 6, 7], [8], [2, 3, 4, 5, 6]].map((ids, i) => [ndArray('int32', [ids.length], ids), i])
  const padded = (step = padInputChunk({ seqLen: 2 })) =>
    step.encodeSamples(samples).map(([x]) => [...(x as NdArray).data])

  it('begins every text at a chunk, and ends the longest where the last chunk does', () => {
    expect(padded()).toEqual([
      [1, 1, 5, 6, 7, 1],
      [1, 1, 1, 1, 8, 1],
      [2, 3, 4, 5, 6, 1],
    ])
    expect(padded(padInputChunk({ seqLen: 2, padToMultiple: false }))).toEqual([
      [1, 1, 5, 6, 7],
      [1, 1, 1, 1, 8],
      [2, 3, 4, 5, 6],
    ])
    expect([...padChunk(Int32Array.of(2, 3, 4), { seqLen: 4, padLen: 10 })]).toEqual([
      1, 1, 1, 1, 2, 3, 4, 1, 1, 1,
    ])
  })

  it('leaves something of texts without a token', () => {
    const none = [[ndArray('int32', [0], []), 0]]
    expect(padInputChunk({ seqLen: 3 }).encodeSamples(none)[0]![0]).toMatchObject({ shape: [3] })
    expect(padInput().encodeSamples(none)[0]![0]).toMatchObject({ shape: [1] })
  })

  it('says what is no text', () => {
    expect(() => padInput({ padFields: 1 }).encodeSamples(samples)).toThrow(
      'element 1 of a sample is number 0',
    )
    expect(() => padInputChunk({ seqLen: 0 })).toThrow('seqLen must be')
  })

  it('turns texts round and back', () => {
    const step = reverseText()
    const ids = ndArray('int32', [3], [1, 2, 3], 'text')
    const turned = step.encode(ids, { split: 0, random: new Random(0, 'x') }) as NdArray<'int32'>
    expect([...turned.data]).toEqual([3, 2, 1])
    expect(step.decode!(turned)).toEqual(ids)
  })
})
