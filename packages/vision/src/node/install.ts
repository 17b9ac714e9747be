import { locateSteps } from '@espalier/data'
import { ownModule } from '@espalier/data/node'
import { setWeightsLoader } from '../weights.js'
import { loadWeights } from './weights-loader.js'

// Importing vision under Node lets architectures find their weights among files.
setWeightsLoader(loadWeights)

// Worker threads that read pictures make the steps of this package from there.
const steps = ownModule(import.meta.url, 'node/loader-steps')
if (steps) locateSteps('@espalier/vision', steps)
