import { EspalierError } from '@espalier/data'

/** Python's tuple. A class, so that it is not taken for a list. */
export class Tuple {
  constructor(readonly items: readonly unknown[]) {}
}

/**
 * What a name in a pickle stands for: the name, and where it may be called, a function of ours that takes the
 * arguments. Only `PickleRules.global` makes these.
 */
export class PickleGlobal {
  constructor(
    /** `module.name` */
    readonly name: string,
    readonly make?: (args: readonly unknown[]) => unknown,
  ) {
    Object.freeze(this)
  }
}

/** An object that the pickle describes and that is of no use here: its class's name, nothing else. */
export class PickleObject {
  constructor(readonly className: string) {
    Object.freeze(this)
  }
}

/** The error for a pickle that is damaged or is not data. */
export function pickleError(problem: string, cause?: unknown): EspalierError {
  return new EspalierError('torch/pickle', `cannot read the pickle in this PyTorch file: ${problem}`, {
    fix: 'the file is damaged, or holds more than tensors; in Python: torch.save(model.state_dict(), path)',
    ...(cause === undefined ? {} : { cause }),
  })
}
