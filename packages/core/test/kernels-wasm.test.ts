import { kernelConformance } from '@espalier/testkit'

kernelConformance('wasm')
