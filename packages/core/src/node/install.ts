import { setTextWriter } from '@espalier/data'
import { platform, setPlatform } from '../platform.js'
import { nodePlatform } from './platform.js'

// Importing core under Node gives it Node's files, terminal and pictures.
setPlatform(nodePlatform)
setTextWriter((path, text) => platform().writeFileAtomic(path, new TextEncoder().encode(text)))
