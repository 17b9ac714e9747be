import type { Callback } from '../learner/callback.js'
import type { FitState } from '../learner/events.js'
import { platform } from '../platform.js'
import { formatTime } from '../report/console-text.js'
import { checkPath } from './check-log.js'
import { isTrial } from './is-trial.js'
import { LogFile, type LogState } from './log-file.js'

/** Where `csvLogger` writes. */
export interface CsvLoggerOptions {
  /** Default `history.csv`. */
  readonly fname?: string
  /** Adds to a file that is there. Default: the first fit begins it anew, the later ones add to it. */
  readonly append?: boolean
}

/**
 * Writes a line per epoch: its number, the recorder's columns in full, its time (fastai's `CSVLogger`). A line is
 * durable before the next epoch begins. The titles are written once, and again only where they change: fastai
 * repeats them, and forgets the first fit of a `fineTune`. A fit that goes on in another process cuts the file back
 * to where it was, so that no line is in it twice; epochs that were passed over and `lrFind` leave none.
 *
 * @example
 * await learn.fineTune(4, 2e-3, { cbs: [csvLogger({ fname: 'runs/pets.csv' })] })
 */
export function csvLogger({ fname = 'history.csv', append = false }: CsvLoggerOptions = {}): Callback {
  checkPath('csvLogger', 'fname', fname, 'history.csv')
  const file = new LogFile(fname, append)
  let titled = false
  return {
    name: 'csvLogger',
    order: 60,
    beforeFit({ learn }) {
      platform() // Better now than after an epoch.
      this.run = !isTrial(learn)
      titled = false
    },
    async afterEpoch(s) {
      const row = s.learn.recorder.values.at(-1) ?? []
      if (row.every((v) => v === undefined)) return
      if (!titled) file.add(titles(s, new TextDecoder().decode(await file.read())))
      titled = true
      const { addTime, seconds } = s.learn.recorder
      const time = addTime ? [formatTime(seconds.at(-1) ?? 0)] : []
      file.add(line([s.epoch, ...row.map((v) => v ?? ''), ...time]))
      await file.flush()
    },
    release: () => file.close(),
    saveState: () => ({ data: file.saveState() }),
    loadState({ data }) {
      file.loadState(data as LogState)
      titled = false
    },
  }
}

/** The line of titles, unless the last one in the file is the same. */
function titles({ learn: { recorder } }: FitState, before: string): string {
  const wanted = line(['epoch', ...recorder.columns, ...(recorder.addTime ? ['time'] : [])])
  return before.match(/^epoch,.*\n/gm)?.at(-1) === wanted ? '' : wanted
}

function line(cells: readonly (string | number)[]): string {
  return `${cells.map((cell) => quoted(String(cell))).join(',')}\n`
}

/** As RFC 4180 has it; only the name of a metric may need it. */
function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
