import { EspalierError } from '@espalier/data'

/** The bytes of a file, piece by piece. */
export type OpenFile = (path: string) => AsyncIterable<Uint8Array>

/** Where there are no files, a path is an address. */
let open: OpenFile = async function* fetched(path) {
  const response = await fetch(path)
  if (!response.ok || !response.body) {
    throw new EspalierError('file/read', `cannot read '${path}': ${response.status} ${response.statusText}`)
  }
  yield* piecesOf(response.body)
}

/** Says how files are opened: what a platform installs. */
export function setOpenFile(f: OpenFile): void {
  open = f
}

/** The bytes of a file, piece by piece; what lies in a file ending in `.gz` is unpacked. */
export async function* openFile(path: string): AsyncGenerator<Uint8Array> {
  if (!path.endsWith('.gz')) {
    yield* open(path)
    return
  }
  const packed = open(path)[Symbol.asyncIterator]()
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { value, done } = await packed.next()
      if (done) controller.close()
      else controller.enqueue(value as Uint8Array<ArrayBuffer>)
    },
  })
  yield* piecesOf(stream.pipeThrough(new DecompressionStream('gzip')))
}

/** All the bytes of a file. */
export async function readBytes(path: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of openFile(path)) pieces.push(piece)
  const bytes = new Uint8Array(pieces.reduce((n, p) => n + p.length, 0))
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}

/** Not every browser lets a stream be looped over. */
async function* piecesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    yield value
  }
}
