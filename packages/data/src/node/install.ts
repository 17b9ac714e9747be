import { setTextWriter } from '../blocks/card-table.js'
import { setHire } from '../load/crew.js'
import { locateSteps } from '../transform/movable.js'
import { ownModule } from './own-module.js'
import { hireThreads } from './workers/hire-threads.js'
import { writeText } from './write-text.js'

// Importing the part for Node lets loaders have threads, and threads make this package's own steps.
setHire(hireThreads)
const steps = ownModule(import.meta.url, 'node/workers/own-steps')
if (steps) locateSteps('@espalier/data', steps)
setTextWriter(writeText)
