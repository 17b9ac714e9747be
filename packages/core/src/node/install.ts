import { setPlatform } from '../platform.js'
import { nodePlatform } from './platform.js'

// Importing core under Node gives it Node's files, terminal and pictures.
setPlatform(nodePlatform)
