import { checkFonts } from '@espalier/core'
import { doctor } from '@espalier/tensorflow'

/** `espalier doctor`: one line per thing that Espalier uses, with the fix where one is missing; exit 1 then. */
export async function doctorCommand(): Promise<void> {
  const fonts = await checkFonts()
  const checks = [
    ...(await doctor()),
    { name: fonts.name, ok: fonts.ok, detail: fonts.message, ...(fonts.fix && { fix: fonts.fix }) },
  ]
  for (const { name, ok, detail, fix } of checks) {
    console.log(`${ok ? '✓' : '✗'} ${name}: ${detail}${fix ? `\n    → ${fix}` : ''}`)
  }
  const wrong = checks.filter((c) => !c.ok).length
  console.log(wrong === 0 ? 'everything is there' : `${wrong} of ${checks.length} need attention`)
  if (wrong > 0) process.exitCode = 1
}
