import { tf } from '@espalier/core'
import { composedForm, isRecording, unrepeatable } from '@espalier/core/kernels'
import type { NativeBackend, SourcedEntry } from '../backend/backend.js'
import { type Attribute, attribute } from '../binding/attributes.js'
import type { TensorMetadata } from '../binding/binding.js'
import { dataTypes } from '../binding/data-types.js'
import type { Pointer } from '../native/library.js'
import { Scratch } from '../native/memory.js'
import type { OneDnn } from '../onednn/one-dnn.js'

/** The name of the tfjs backend; that of tfjs-node, whose kernels are registered under it. */
export const backendName = 'tensorflow'

type Result = tf.TensorInfo | tf.TensorInfo[]

const reshapeAttributes = [attribute.type('T', dataTypes.float), attribute.type('Tshape', dataTypes.int32)]

/** Which cases of a kernel the native form is for. */
interface Cases<I, A> {
  readonly integers?: readonly string[]
  when?(inputs: I, attrs: A): boolean
  /** Whether it consists of work that can be recorded (`repeat`), on memory that stays where it is. */
  readonly repeats?: boolean
}

/** True when no tensor is without elements. */
export function noneEmpty(inputs: object): boolean {
  return Object.values(inputs).every((t: tf.Tensor) => t.size > 0)
}

/** A new tensor and where its numbers are to be written. */
export interface Fresh {
  readonly tensor: tf.TensorInfo
  readonly at: Pointer
}

/** Hears of the memory that recorded work uses. */
export interface Recorder {
  uses(entry: SourcedEntry): void
  makes(entry: SourcedEntry): void
  /** A tensor of this shape that was made and given back. */
  spare(shape: readonly number[], dtype: number): number | undefined
  owns(entry: SourcedEntry): void
  /** Takes over one of the binding's tensors. */
  keeps(id: number): void
}

/** What the native kernels compute with: TensorFlow, and oneDNN where it was found. */
export class Native {
  /** Memory for filters, packed weights and factors while a step runs. */
  readonly scratch = new Scratch()
  /** Set for as long as a step lasts that is recorded. */
  recorded: Recorder | undefined
  #zeros: { readonly size: number; readonly id?: number } = { size: 0 }

  constructor(
    readonly backend: NativeBackend,
    readonly dnn: OneDnn | undefined,
  ) {}

  /**
   * Gives a kernel contract its native form. It computes with float32, but for the inputs named in `integers`;
   * other types, and the cases that `when` excludes, are computed in the composed form.
   */
  register<I, A>(
    kernelName: string,
    compute: (inputs: I, attrs: A) => Result,
    { integers = [], when = () => true, repeats = false }: Cases<I, A> = {},
  ): void {
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc({ inputs, attrs }) {
        const typed = Object.entries(inputs).every(
          ([name, t]) => t?.dtype === (integers.includes(name) ? 'int32' : 'float32'),
        )
        const given = inputs as unknown as I & Record<string, tf.Tensor>
        const options = attrs as unknown as A & object
        if (!typed || !when(given, options)) return composedForm(kernelName)(given, options)
        if (!repeats) unrepeatable()
        return compute(given, options)
      },
    })
  }

  /** Who is to know which tensors are used now. */
  get recorder(): Recorder | undefined {
    return isRecording() ? this.recorded : undefined
  }

  /** Runs one operation of TensorFlow. */
  run(name: string, attributes: readonly Attribute[], inputs: readonly tf.TensorInfo[], outputs = 1) {
    return this.execute(
      name,
      attributes,
      inputs.map((t) => this.backend.idOf(t)),
      outputs,
    ).map((t) => this.backend.wrap(t))
  }

  /** The same on the binding's numbers of tensors, for what tfjs never sees. */
  execute(
    name: string,
    attributes: readonly Attribute[],
    ids: readonly number[],
    outputs = 1,
  ): TensorMetadata[] {
    return this.backend.binding.executeOp(name, attributes, ids, outputs)
  }

  /** The same float numbers in another shape, without a copy. */
  reshape(id: number, shape: readonly number[]): TensorMetadata {
    const { binding } = this.backend
    const sizes = binding.createTensor([shape.length], dataTypes.int32, [...shape])
    try {
      return this.execute('Reshape', reshapeAttributes, [id, sizes])[0]!
    } finally {
      binding.deleteTensor(sizes)
    }
  }

  /** Where the numbers of a tensor lie, as long as it lives. They are for reading. */
  at(t: tf.TensorInfo): Pointer {
    const id = this.backend.idToRead(t)
    this.recorder?.uses(this.backend.entryOf(t))
    return this.backend.binding.pointerTo(id)
  }

  /** Where so many zeros lie, until more are asked for. They are for reading. */
  zeros(size: number): Pointer {
    const { binding } = this.backend
    if (this.recorder) {
      const id = binding.createTensor([size], dataTypes.float, new Float32Array(size))
      this.recorder.keeps(id)
      return binding.pointerTo(id)
    }
    if (size > this.#zeros.size) {
      if (this.#zeros.id !== undefined) binding.deleteTensor(this.#zeros.id)
      this.#zeros = { size, id: binding.createTensor([size], dataTypes.float, new Float32Array(size)) }
    }
    return binding.pointerTo(this.#zeros.id!)
  }

  /** Whether the memory of a tensor is its alone, and may be written. */
  owns(t: tf.TensorInfo): boolean {
    const owns = this.backend.owns(t)
    if (owns) this.recorder?.owns(this.backend.entryOf(t))
    return owns
  }

  /** A tensor to be written. */
  fresh(shape: readonly number[], dtype: number = dataTypes.float): Fresh {
    const { binding } = this.backend
    const { recorder } = this
    const id = recorder?.spare(shape, dtype) ?? binding.allocateTensor(shape, dtype)
    const tensor = this.backend.wrap({ id, shape: [...shape], dtype })
    recorder?.makes(this.backend.entryOf(tensor))
    return { tensor, at: binding.pointerTo(id) }
  }
}
