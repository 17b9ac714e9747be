/** Text that cannot drive a terminal: line ends and tabs become spaces, other control characters �. */
export function printable(text: string): string {
  return text.replace(/[\t\r\n]+/g, ' ').replace(/\p{Cc}|\p{Surrogate}/gu, '�')
}

/** East Asian letters and pictographs fill two places of a terminal, marks that join the letter before none. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u
const joining = /[\p{Mn}\p{Me}\p{Cf}]/u

/** How many places of a terminal a text fills. */
export function displayWidth(text: string): number {
  let width = 0
  for (const char of text) width += joining.test(char) ? 0 : wide.test(char) ? 2 : 1
  return width
}

/** Pads with spaces to a width, on the left when flush right. */
export function padTo(text: string, width: number, flushRight = false): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)))
  return flushRight ? space + text : text + space
}

/** A number as fastai's tables show it: six decimals. */
export function formatFloat(value: number): string {
  return value.toFixed(6)
}

/** Seconds as `mm:ss`, or `h:mm:ss` from an hour on. */
export function formatTime(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const two = (value: number) => String(value).padStart(2, '0')
  const rest = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`
  return whole >= 3600 ? `${Math.floor(whole / 3600)}:${rest}` : rest
}
