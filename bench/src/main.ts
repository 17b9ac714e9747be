/** `pnpm bench [TASK] [--json FILE] [--runs N] [--threads N] [--alone]`: ours and the peer by turns, or the list. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { reasonOf } from '@espalier/data'
import { parseArguments, usage } from './arguments.js'
import { bench } from './bench.js'
import { findPeers, type Peers, peersFolder } from './peers.js'
import { report } from './report.js'
import { listTasks, taskOf } from './tasks/tasks.js'

try {
  await main()
} catch (error) {
  console.error(reasonOf(error))
  process.exitCode = 1
}

async function main(): Promise<void> {
  const { task: name, json, runs, threads, alone } = parseArguments(process.argv.slice(2))
  if (name === undefined) {
    console.log(`${usage}\n\n${listTasks()}`)
    return
  }
  const task = taskOf(name)
  const peers = alone ? undefined : peersOrNote()
  console.log(`${name}: ${task.about}; ${threads} threads, ${peers ? 'pairs' : 'runs'}: ${runs}`)
  // What cannot be written should be known before it is measured.
  if (json !== undefined) await mkdir(dirname(json), { recursive: true })
  const result = await bench(name, task, { runs, threads, peers })
  console.log(report(result))
  if (json !== undefined) await writeFile(json, `${JSON.stringify(result, null, 2)}\n`)
}

function peersOrNote(): Peers | undefined {
  const peers = findPeers()
  if (!peers)
    console.log(
      `no peers in ${peersFolder()} (ESPALIER_PEERS names another folder): only Espalier is measured`,
    )
  return peers
}
