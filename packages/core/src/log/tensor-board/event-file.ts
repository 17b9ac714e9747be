import type { Json } from '@espalier/data'
import { platform } from '../../platform.js'
import { LogFile, type LogState } from '../log-file.js'
import { restartEvent, versionEvent } from './event.js'
import { tfRecord } from './record.js'

let made = 0

/**
 * The event file of a run. A run that goes on cuts its last file back to where it was and begins another one, whose
 * first words also make a TensorBoard that is open forget what it had read beyond.
 */
export class EventFile {
  #file: LogFile | undefined
  /** The file of the process before. */
  #last: LogFile | undefined
  #step = 0

  constructor(readonly dir: string) {}

  /** Adds an event of a step. */
  add(event: Uint8Array, step: number): void {
    this.#file ??= this.#begin()
    this.#file.add(tfRecord(event))
    this.#step = step
  }

  flushSometimes(): void {
    this.#file?.flushSometimes()
  }

  async flush(): Promise<void> {
    await this.#last?.flush()
    await this.#file?.flush()
  }

  async close(): Promise<void> {
    await this.#last?.close()
    await this.#file?.close()
  }

  saveState(): Json {
    return { step: this.#step, file: (this.#file ?? this.#last)?.saveState() ?? null }
  }

  loadState(state: Json): void {
    const { step, file } = state as { readonly step: number; readonly file: LogState | null }
    this.#step = step
    this.#file = undefined
    this.#last = file ? new LogFile(file.path) : undefined
    if (file) this.#last?.loadState(file)
  }

  #begin(): LogFile {
    const time = platform().now() / 1000
    const file = new LogFile(`${this.dir}/${fileName(time, this.#last?.path)}`)
    file.add(tfRecord(versionEvent(time)))
    if (this.#last) file.add(tfRecord(restartEvent({ time, step: this.#step + 1 })))
    return file
  }
}

/** TensorBoard looks for `tfevents` and reads the files of a folder in the order of their names. */
function fileName(time: number, after = ''): string {
  const earliest = Number(/tfevents\.(\d+)\./.exec(after)?.[1] ?? -1) + 1
  const seconds = Math.max(Math.floor(time), earliest)
  const { process: { host = 'espalier', pid = 0 } = {} } = platform()
  return `events.out.tfevents.${String(seconds).padStart(10, '0')}.${host.replace(/[^\w.-]/g, '_')}.${pid}.${made++}`
}
