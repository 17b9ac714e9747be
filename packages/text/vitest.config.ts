import { testConfig } from '../../vitest.base.js'

export default testConfig('text', { isolate: false })
