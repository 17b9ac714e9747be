import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const here = fileURLToPath(new URL('.', import.meta.url))
const options = '-O3 --enable simd --importMemory --runtime stub --noAssert --outFile out.wasm'.split(' ')

/** Compiles the kernels; gives the TypeScript module that carries them. */
export async function compile() {
  const files = new Map()
  const { error, stderr } = await asc.main(['index.ts', '--baseDir', here, ...options], {
    writeFile: (name, contents) => void files.set(name, contents),
  })
  if (error) throw new Error(`${error.message}\n${stderr}`)
  const base64 = Buffer.from(files.get('out.wasm')).toString('base64')
  return `/** Compiled from \`assembly/\` by \`pnpm assemble\`. */\nexport const binary =\n  '${base64}'\n`
}
