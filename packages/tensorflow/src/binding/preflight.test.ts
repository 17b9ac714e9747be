import { describe, expect, it } from 'vitest'
import { type Attribute, attribute } from './attributes.js'
import { dataTypes } from './data-types.js'
import type { Call } from './execute.js'
import { Preflight } from './preflight.js'

const { float, int32, bool } = dataTypes
const T = attribute.type('T', float)
const i32 = (name: string) => attribute.type(name, int32)

type Input = readonly [shape: readonly number[], dtype?: number, values?: readonly number[]]

/** Checks a call of inputs that exist only on paper. */
function check(name: string, attributes: readonly Attribute[], ...inputs: readonly Input[]): void {
  const call: Call = {
    name,
    attributes,
    inputs: inputs.map(([shape, dtype = float]) => ({ pointer: 0n, shape, dtype })),
  }
  new Preflight(2 ** 40).checkCall(call, (i) => inputs[i]![2] ?? [])
}

describe('the preflight', () => {
  it('lets calls pass that are in order', () => {
    expect(() => check('AddV2', [T], [[4, 1]], [[5]])).not.toThrow()
    expect(() => check('Fill', [T], [[2], int32, [3, 4]], [[]])).not.toThrow()
    expect(() => check('ConcatV2', [T, attribute.int('N', 2)], [[1]], [[2]], [[], int32, [0]])).not.toThrow()
  })

  it('refuses operations it does not know, and inputs they do not take', () => {
    expect(() => check('Nonsense', [], [[1]])).toThrow('Nonsense of float32 [1]: the engine does not know')
    expect(() => check('Relu', [T], [[1]], [[1]])).toThrow('it takes 1 inputs, got 2')
    expect(() => check('AddV2', [T], [[1]])).toThrow('it takes 2 inputs, got 1')
    expect(() => check('ConcatV2', [T, attribute.int('N', 3)], [[1]], [[2]], [[], int32])).toThrow(
      'list of 2',
    )
    expect(() => check('Conv2D', [T], [[5, 5, 2]], [[3, 3, 2, 4]])).toThrow(
      'input 1 must have rank 4, got [5,5,2]',
    )
    expect(() => check('AvgPoolGrad', [T], [[2], int32], [[1, 2, 2, 1]])).toThrow(
      'must have 4 elements, got 2',
    )
  })

  it('refuses inputs whose types do not agree', () => {
    expect(() => check('AddV2', [T], [[1]], [[1], int32])).toThrow('input 2 must be float32, got int32')
    expect(() => check('AddV2', [], [[1], int32], [[1]])).toThrow('input 2 must be int32, got float32')
    expect(() => check('Select', [T], [[1]], [[1]], [[1]])).toThrow('input 1 must be bool, got float32')
    expect(() => check('LogicalNot', [], [[1], bool])).not.toThrow()
  })

  const huge = 2 ** 30
  const tooLarge: readonly (readonly [string, readonly Attribute[], ...Input[]])[] = [
    ['AddV2', [T], [[65536, 1]], [[65536]]],
    ['MatMul', [T], [[65536, 1]], [[1, 65536]]],
    ['BatchMatMulV2', [T], [[65536, 256, 1]], [[65536, 1, 256]]],
    ['Einsum', [T, attribute.string('equation', 'a,b->ab')], [[65536]], [[65536]]],
    ['Fill', [T], [[2], int32, [65536, 65536]], [[]]],
    ['Tile', [T], [[2, 2]], [[2], int32, [huge, 1]]],
    ['BroadcastTo', [T], [[1]], [[2], int32, [65536, 65536]]],
    ['Pad', [T], [[2]], [[1, 2], int32, [huge, huge]]],
    ['Range', [i32('Tidx')], [[], int32, [-huge]], [[], int32, [2 ** 31 - 1]], [[], int32, [1]]],
    ['OneHot', [T, i32('TI')], [[65536], int32], [[], int32, [65536]], [[]], [[]]],
    ['ResizeBilinear', [T], [[1, 1, 1, 3]], [[2], int32, [65536, 65536]]],
    ['CropAndResize', [T], [[1, 1, 1, 3]], [[1, 4]], [[1], int32], [[2], int32, [65536, 65536]]],
    ['ConcatV2', [T, attribute.int('N', 2)], [[huge]], [[huge]], [[], int32, [0]]],
    ['SpaceToBatchND', [T], [[1, 1, 1]], [[1], int32, [1]], [[1, 2], int32, [huge, huge]]],
    ['Conv2D', [T], [[65536, 64, 64, 1]], [[1, 1, 1, 65536]]],
    ['Conv2DBackpropInput', [T], [[4], int32, [65536, 65536, 1, 1]], [[1, 1, 1, 1]], [[1, 1, 1, 1]]],
    ['GatherV2', [T], [[4, 65536]], [[65536], int32], [[], int32, [0]]],
    ['ScatterNd', [T], [[1, 2], int32], [[1]], [[2], int32, [65536, 65536]]],
    ['UnsortedSegmentSum', [T], [[3, 2]], [[3], int32], [[], int32, [2 ** 31 - 1]]],
  ]
  for (const [name, attributes, ...inputs] of tooLarge) {
    it(`refuses a ${name} with too large a result`, () => {
      expect(() => check(name, attributes, ...inputs)).toThrow(/elements, more than 2147483647/)
    })
  }

  it('refuses negative sizes', () => {
    expect(() => check('Fill', [T], [[2], int32, [2, -1]], [[]])).toThrow('a size is negative')
    expect(() => check('Tile', [T], [[2]], [[1], int32, [-1]])).toThrow('a size is negative')
    expect(() => check('Pad', [T], [[2]], [[1, 2], int32, [-1, 0]])).toThrow('a size is negative')
  })

  it('refuses gradients and updates of shapes that do not belong together', () => {
    const pool = [T, attribute.int('ksize', [1, 2, 2, 1]), attribute.int('strides', [1, 2, 2, 1])]
    const image: Input = [[4], int32, [1, 4, 4, 2]]
    expect(() => check('AvgPoolGrad', pool, image, [[1, 2, 2, 2]])).not.toThrow()
    expect(() => check('AvgPoolGrad', pool, image, [[1, 3, 2, 2]])).toThrow('do not give [1,3,2,2]')
    expect(() => check('TensorScatterUpdate', [T], [[4]], [[2, 2], int32], [[2]])).toThrow(
      'reach deeper than [4]',
    )
    expect(() => check('Unpack', [T, attribute.int('num', 9)], [[2]])).toThrow('cannot be taken apart into 9')
    expect(() =>
      check('SplitV', [T, attribute.int('num_split', 9)], [[2]], [[2], int32], [[], int32]),
    ).toThrow('num_split must be 2, got 9')
  })

  it('refuses results that do not fit into the memory', () => {
    const small = new Preflight(1000)
    const call: Call = { name: 'Fill', attributes: [T], inputs: [{ pointer: 0n, shape: [1], dtype: int32 }] }
    const scalar = { pointer: 0n, shape: [], dtype: float }
    expect(() => small.checkCall({ ...call, inputs: [...call.inputs, scalar] }, () => [251])).toThrow(
      /would take/,
    )
    expect(() => small.checkShape([250], float)).not.toThrow()
    expect(() => small.checkShape([251], float)).toThrow(/would take/)
  })
})
