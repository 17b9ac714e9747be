import { kernelConformance } from '@espalier/testkit'
import { describeNative } from './support/native.js'

// The same contracts where there is no oneDNN: on other processors, or when it is not installed.
process.env['ESPALIER_ONEDNN'] = 'none'
describeNative('without oneDNN', () => kernelConformance('native'))
