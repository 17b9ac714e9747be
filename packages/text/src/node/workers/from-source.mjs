// Where Espalier runs from source, by tsx: threads do not inherit its hooks.
import { register } from 'tsx/esm/api'

register()
await import('./worker.ts')
