import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** Fontconfig reads its configuration once in a process, so the check runs in one of its own. */
const program = `
import { checkFonts } from ${JSON.stringify(new URL('check-fonts.ts', import.meta.url).href)}
console.log(JSON.stringify(await checkFonts()))
`

test.runIf(process.platform === 'linux')('a machine without fonts is found out', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fonts-'))
  try {
    const config = join(folder, 'fonts.conf')
    writeFileSync(config, '<fontconfig></fontconfig>')
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--conditions=espalier-source', '--import', 'tsx', '--input-type=module', '-e', program],
      { encoding: 'utf8', env: { ...process.env, FONTCONFIG_FILE: config } },
    )
    expect(JSON.parse(stdout || `{"failed":${JSON.stringify(stderr)}}`)).toMatchObject({
      ok: false,
      message: expect.stringContaining('no font is installed'),
      fix: expect.stringContaining('fonts-dejavu-core'),
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
