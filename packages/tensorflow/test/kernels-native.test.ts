import { setNativeEngine } from '@espalier/core'
import { kernelConformance } from '@espalier/testkit'

setNativeEngine(() => import('../src/index.js'))
kernelConformance('native')
