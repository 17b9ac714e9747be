// `npm start`: sets everything up, then trains the pet recognizer. Exit 0 only if its accuracy bound holds.
import { installEngine, installPackages, run } from './setup.mjs'

installPackages()
const native = installEngine()
console.log()
const env = native ? {} : { ESPALIER_ENGINE: process.env['ESPALIER_ENGINE'] ?? 'wasm' }
const status = run(process.execPath, ['tools/run.mjs', 'apps/demo/src/main.ts', 'pets'], { env })
if (status === 0) {
  console.log(`
Next:
  open out/pets/report.html                 the curves, the predictions and what went wrong
  npm run demo -- pets --data YOUR_PHOTOS   the same on your own photos, named LABEL_NUMBER.jpg
  less apps/demo/src/pets.ts                the program: change the body, the sizes, the epochs`)
}
process.exit(status)
