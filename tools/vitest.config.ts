import { testConfig } from '../vitest.base.js'

export default testConfig('tools', { include: ['**/*.test.ts'], checkLeaks: false })
