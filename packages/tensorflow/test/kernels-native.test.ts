import { kernelConformance } from '@espalier/testkit'
import { describeNative } from './support/native.js'

describeNative('with oneDNN where it is installed', () => kernelConformance('native'))
