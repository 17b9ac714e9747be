/**
 * The native engine: libtensorflow and oneDNN under TensorFlow.js, called through a foreign-function interface.
 * @module
 */
export { type Activated, activate } from './activate.js'
export { type Check, doctor } from './doctor/doctor.js'
export { type EnginePart, type EngineStatus, engineStatus } from './doctor/engine-status.js'
export { type InstallOptions, installEngine } from './install/install-engine.js'
export type { InstallProgress } from './install/install-wheels.js'
