import { setWeightsLoader } from '../weights.js'
import { loadWeights } from './weights-loader.js'

// Importing vision under Node lets architectures find their weights among files.
setWeightsLoader(loadWeights)
