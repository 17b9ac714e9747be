import { reasonOf } from '@espalier/data'
import { type EngineStatus, engineStatus, type InstallProgress, installEngine } from '@espalier/tensorflow'

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`

/** Whether everything that makes the engine fast is there and loads. */
function complete({ parts, missing }: EngineStatus): boolean {
  return missing.length === 0 && parts.every((p) => p.problem === undefined)
}

/** `espalier engine install`: nothing is downloaded where a whole engine is found already. */
export async function engineInstallCommand({
  gpu = false,
  brief = false,
}: {
  gpu?: boolean
  brief?: boolean
}): Promise<void> {
  const before = await engineStatus()
  if (!gpu && complete(before)) {
    console.log(
      `native engine … found: ${before.parts.map((p) => `${p.name} ${p.version ?? ''} (${p.source})`).join(', ')}`,
    )
    return
  }
  if (brief) process.stdout.write('native engine … ')
  const began = Date.now()
  try {
    const folder = await installEngine({ gpu, ...(!brief && { onProgress: say }) })
    const seconds = Math.round((Date.now() - began) / 1000)
    console.log(brief ? `installed (${seconds} s)` : `installed in ${folder} (${seconds} s)`)
  } catch (error) {
    process.exitCode = 1
    if (brief) console.log(`not to be had: ${reasonOf(error).split('\n')[0]}; going on with wasm`)
    else console.error(reasonOf(error))
  }
}

function say({ step, what, done, total }: InstallProgress): void {
  if (step !== 'done') console.log(`${step} ${what} (${done + 1} of ${total})`)
}

/** `espalier engine status`. */
export async function engineStatusCommand(): Promise<void> {
  const status = await engineStatus()
  for (const { name, version = '', path, source, bytes, problem } of status.parts) {
    console.log(
      `${problem ? '✗' : '✓'} ${name} ${version} — ${source}, ${megabytes(bytes)}\n    ${path}${problem ? `\n    ${problem}` : ''}`,
    )
  }
  for (const what of status.missing) console.log(`✗ ${what}`)
  console.log(complete(status) ? 'the native engine is ready' : `engines are installed in ${status.folder}`)
  if (!complete(status)) process.exitCode = 1
}
