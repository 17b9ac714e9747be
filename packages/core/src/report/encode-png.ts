import type { NdArray } from '@espalier/data'

/** A PNG of pixels `[h, w, 3]`, in plain TypeScript: for a browser and where no encoder is installed. */
export async function encodePng({ data, shape }: NdArray<'uint8'>): Promise<Uint8Array> {
  const [height = 0, width = 0] = shape
  const header = new Uint8Array(13)
  const view = new DataView(header.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  header.set([8, 2], 8) // 8 bits, red green blue
  const parts = [
    new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', await deflate(filtered(data, width * 3, height))),
    chunk('IEND', new Uint8Array()),
  ]
  return new Uint8Array(await new Blob(parts).arrayBuffer())
}

const sub = 1

/** Each line as differences from the pixel to the left, which compress better than the values. */
function filtered(data: Uint8Array, stride: number, height: number): Uint8Array<ArrayBuffer> {
  const lines = new Uint8Array((stride + 1) * height)
  for (let y = 0; y < height; y++) {
    const to = y * (stride + 1)
    lines[to] = sub
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x
      lines[to + 1 + x] = data[at]! - (x < 3 ? 0 : data[at - 3]!)
    }
  }
  return lines
}

/** zlib, of the platform: Node has it, and every browser since 2023. */
async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

function chunk(type: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12 + body.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, body.length)
  bytes.set(new TextEncoder().encode(type), 4)
  bytes.set(body, 8)
  view.setUint32(8 + body.length, crc32(bytes.subarray(4, 8 + body.length)))
  return bytes
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c
})

function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff
  for (const byte of bytes) c = crcTable[(c ^ byte) & 255]! ^ (c >>> 8)
  return ~c >>> 0
}
