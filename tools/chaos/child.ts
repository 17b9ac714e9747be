// One run in a process of its own: `child.ts KIND FOLDER`. Says what it does, and at the end what came out.
import { weightsDigest } from '@espalier/core'
import { type Kind, train } from './programs.js'

const [kind, dir] = process.argv.slice(2) as [Kind, string]
const say = (line: string) => process.stdout.write(`${line}\n`)
const learn = await train(kind, dir, say)
const { values } = learn.recorder
say(`digest ${await weightsDigest(learn.model)} ${JSON.stringify(values)}`)
