import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { checkFonts } from './check-fonts.js'

// A file of its own: fontconfig reads its configuration once in a process.
const folder = mkdtempSync(join(tmpdir(), 'fonts-'))
const config = join(folder, 'fonts.conf')
writeFileSync(config, '<fontconfig></fontconfig>')
process.env['FONTCONFIG_FILE'] = config
afterAll(() => rmSync(folder, { recursive: true }))

test.runIf(process.platform === 'linux')('a machine without fonts is found out', async () => {
  expect(await checkFonts()).toMatchObject({
    ok: false,
    message: expect.stringContaining('no font is installed'),
    fix: expect.stringContaining('fonts-dejavu-core'),
  })
})
