/** What a number of a {@link tiff} is: of pixel `i` and channel `j`, in 8 bits. */
export const tiffValue = (i: number, j: number): number => (j * 40 + i * 2) % 256

/** An uncompressed TIFF of any number of channels, 8 or 16 bits each, as instruments write them. */
export function tiff([w, h, c]: readonly [number, number, number], bits: 8 | 16, isRgb = false): Uint8Array {
  const extra = Math.max(0, c - (isRgb ? 3 : 1))
  const size = (w * h * c * bits) / 8
  const head = 8
  const count = extra > 0 ? 11 : 10
  const bitsAt = head + 2 + count * 12 + 4
  const extraAt = bitsAt + 2 * c
  const dataAt = extraAt + 2 * extra
  const file = Buffer.alloc(dataAt + size)
  file.write('II', 0, 'latin1')
  file.writeUInt16LE(42, 2)
  file.writeUInt32LE(head, 4)
  file.writeUInt16LE(count, head)
  let at = head + 2
  const entry = (tag: number, type: 3 | 4, n: number, value: number) => {
    file.writeUInt16LE(tag, at)
    file.writeUInt16LE(type, at + 2)
    file.writeUInt32LE(n, at + 4)
    if (type === 3 && n === 1) file.writeUInt16LE(value, at + 8)
    else file.writeUInt32LE(value, at + 8)
    at += 12
  }
  entry(256, 3, 1, w)
  entry(257, 3, 1, h)
  // Up to two numbers lie in the entry itself.
  entry(258, 3, c, c > 2 ? bitsAt : c === 2 ? bits * 0x10001 : bits)
  entry(259, 3, 1, 1)
  entry(262, 3, 1, isRgb ? 2 : 1)
  entry(273, 4, 1, dataAt)
  entry(277, 3, 1, c)
  entry(278, 3, 1, h)
  entry(279, 4, 1, size)
  entry(284, 3, 1, 1)
  if (extra > 0) entry(338, 3, extra, extra > 2 ? extraAt : 0)
  for (let j = 0; j < c; j++) file.writeUInt16LE(bits, bitsAt + 2 * j)
  for (let i = 0; i < w * h * c; i++) {
    const value = tiffValue(Math.floor(i / c), i % c)
    if (bits === 8) file.writeUInt8(value, dataAt + i)
    else file.writeUInt16LE(value * 256 + 200, dataAt + 2 * i)
  }
  return new Uint8Array(file)
}
