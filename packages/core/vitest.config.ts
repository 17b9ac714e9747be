import { testConfig } from '../../vitest.base.js'

export default testConfig('core', { isolate: false })
