const powers = Float64Array.from({ length: 23 }, (_, i) => 10 ** i)

/**
 * Reads the bytes of a decimal number, correctly rounded: NaN where they are none. Up to 15 digits are exact in a
 * double, and so is the power of ten by which they are multiplied or divided (Clinger 1990); the rest is left to
 * `Number`.
 */
export function parseNumber(bytes: Uint8Array, start: number, end: number): number {
  let i = start
  const sign = bytes[i]
  if (sign === 45 || sign === 43) i++
  let mantissa = 0
  let digits = 0
  let point = -1
  for (; i < end; i++) {
    const c = bytes[i]! - 48
    if (c >= 0 && c <= 9) {
      mantissa = mantissa * 10 + c
      digits++
    } else if (c === -2 && point < 0) point = digits
    else break
  }
  if (digits === 0) return Number.NaN
  let exponent = point < 0 ? 0 : point - digits
  if (i < end) {
    const e = bytes[i]! | 32
    if (e !== 101) return Number.NaN
    let at = i + 1
    const negative = bytes[at] === 45
    if (negative || bytes[at] === 43) at++
    if (at >= end) return Number.NaN
    let value = 0
    for (; at < end; at++) {
      const c = bytes[at]! - 48
      if (c < 0 || c > 9) return Number.NaN
      value = Math.min(value * 10 + c, 10_000)
    }
    exponent += negative ? -value : value
  }
  if (digits > 15 || exponent > 22 || exponent < -22) return Number(ascii(bytes, start, end))
  const value = exponent < 0 ? mantissa / powers[-exponent]! : mantissa * powers[exponent]!
  return sign === 45 ? -value : value
}

/** The text of some bytes below 128. */
function ascii(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]!)
  return text
}
