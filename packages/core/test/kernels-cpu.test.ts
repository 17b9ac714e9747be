import { kernelConformance } from '@espalier/testkit'

kernelConformance('cpu')
