import { writeFile } from 'node:fs/promises'
import { compile } from './compile.mjs'

await writeFile(new URL('../src/wasm/binary.ts', import.meta.url), await compile())
