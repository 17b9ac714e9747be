import type { DropoutAttrs, DropoutInputs } from '@espalier/core/kernels'
import { type DropoutPlan, planDropout } from '../onednn/dropout.js'
import type { OneDnn } from '../onednn/one-dnn.js'
import { PlanCache } from '../onednn/plan-cache.js'
import { few } from './host-access.js'
import type { Native } from './native-kernel.js'

/** Dropout by oneDNN, one pass over the numbers and their bytes. */
export function registerDropout(native: Native, dnn: OneDnn): void {
  const plans = new PlanCache<DropoutPlan>(64)
  native.register<DropoutInputs, DropoutAttrs>(
    'EspalierDropout',
    ({ x, kept, before }, { scale }) => {
      const plan = plans.get(`${x.size} ${scale}`, () => planDropout(dnn, x.size, scale))
      if (before && native.backend.owns(before)) {
        plan.add(native.at(x), native.at(kept), native.at(before))
        return before
      }
      const y = native.fresh(x.shape)
      plan.write.run(native.at(x), native.at(kept), y.at)
      native.backend.own(y.tensor)
      return y.tensor
    },
    { integers: ['kept'], when: ({ x }) => x.size > few, repeats: true },
  )
}
