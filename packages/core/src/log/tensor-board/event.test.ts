import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { concat } from '../bytes.js'
import { crc32c } from './crc32c.js'
import { hparamsEvent, imageEvent, restartEvent, scalarEvent, textEvent, versionEvent } from './event.js'
import { tfRecord } from './record.js'

const png = Uint8Array.from(
  atob('iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAADUlEQVR42mP4zwAE/wEHAAH/PX2MSQAAAABJRU5ErkJggg=='),
  (c) => c.charCodeAt(0),
)

it('writes what TensorBoard’s own writer writes, byte for byte', () => {
  const golden = readFileSync(new URL('../../../../../testdata/tensorboard/golden.tfevents', import.meta.url))
  const time = 1700000000.25
  const ours = concat(
    [
      scalarEvent({ time, step: 0 }, 'train_loss', 0),
      scalarEvent({ time, step: 1 }, 'train_loss', 0.7),
      scalarEvent({ time, step: 300 }, 'lr_0', -1e-7),
      scalarEvent({ time, step: 2 ** 31 + 7 }, 'valid_loss', Number.POSITIVE_INFINITY),
      imageEvent({ time, step: 5 }, 'results', png),
      textEvent({ time, step: 0 }, 'notes', '**größer** als 0'),
      hparamsEvent({ time, step: 0 }, { lr: 0.003 }),
      restartEvent({ time, step: 301 }),
    ].map(tfRecord),
  )
  expect(Buffer.from(ours).toString('hex')).toBe(golden.toString('hex'))
})

it('begins a file as TensorBoard wants it', () => {
  expect(new TextDecoder().decode(versionEvent(0).subarray(9))).toBe('\x1a\x0dbrain.Event:2')
})

// RFC 3720, B.4.
it.each([
  [new Uint8Array(32), 0x8a9136aa],
  [new Uint8Array(32).fill(0xff), 0x62a8ab43],
  [Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  [new TextEncoder().encode('123456789'), 0xe3069283],
])('the checksum of %s', (bytes, checksum) => {
  expect(crc32c(bytes)).toBe(checksum)
})

it('refuses a picture that is no PNG', () => {
  expect(() => imageEvent({ time: 0 }, 'a', new Uint8Array(100))).toThrow(/is no PNG\n.*give a Figure/)
})
