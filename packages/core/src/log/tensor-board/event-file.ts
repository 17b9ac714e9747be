import type { Json } from '@espalier/data'
import { platform } from '../../platform.js'
import { LogFile, type LogState } from '../log-file.js'
import { restartEvent, versionEvent } from './event.js'
import { tfRecord } from './record.js'

let made = 0

/**
 * The event file of a run. A run that goes on cuts its last file back to where it was and begins another one. The
 * first words of a file make TensorBoard forget what an earlier one in the folder says of the steps to come: a run
 * that is begun again takes the place of the one that was cut.
 */
export class EventFile {
  #file: LogFile | undefined
  /** The files of the processes before, as far as they may still have to be cut. */
  #before: readonly LogFile[] = []
  #step = 0

  constructor(readonly dir: string) {}

  /** Adds an event of a step. */
  add(event: Uint8Array, step: number): void {
    this.#file ??= this.#begin(step)
    this.#file.add(tfRecord(event))
    this.#step = step
  }

  flushSometimes(): void {
    this.#file?.flushSometimes()
  }

  async flush(): Promise<void> {
    for (const file of this.#files) await file.flush()
  }

  async close(): Promise<void> {
    for (const file of this.#files) await file.close()
  }

  saveState(): Json {
    return { step: this.#step, files: this.#files.slice(-2).map((file) => file.saveState()) }
  }

  loadState(state: Json): void {
    const { step, files } = state as { readonly step: number; readonly files: readonly LogState[] }
    this.#step = step
    this.#file = undefined
    this.#before = files.map((saved) => {
      const file = new LogFile(saved.path)
      file.loadState(saved)
      return file
    })
  }

  get #files(): readonly LogFile[] {
    return [...this.#before, ...(this.#file ? [this.#file] : [])]
  }

  #begin(step: number): LogFile {
    const time = platform().now() / 1000
    const last = this.#before.at(-1)
    void last?.flush()
    const file = new LogFile(`${this.dir}/${fileName(time, last?.path)}`)
    file.add(tfRecord(versionEvent(time)))
    file.add(tfRecord(restartEvent({ time, step: last ? this.#step + 1 : step })))
    return file
  }
}

/** TensorBoard looks for `tfevents` and reads the files of a folder in the order of their names. */
function fileName(time: number, after = ''): string {
  const earliest = Number(/tfevents\.(\d+)\./.exec(after)?.[1] ?? -1) + 1
  const seconds = Math.max(Math.floor(time), earliest)
  const { process: { host = 'espalier', pid = 0 } = {} } = platform()
  return `events.out.tfevents.${String(seconds).padStart(10, '0')}.${host.replace(/[^\w.-]/g, '_')}.${pid}.${String(made++).padStart(4, '0')}`
}
