#!/usr/bin/env node
import { createRequire } from 'node:module'
import { reasonOf } from '@espalier/data'
import { Command } from 'commander'
import { diffCommand } from './commands/diff.js'
import { doctorCommand } from './commands/doctor.js'
import { engineInstallCommand, engineStatusCommand } from './commands/engine.js'
import { replayCommand } from './commands/replay.js'

const { version } = createRequire(import.meta.url)('../package.json') as { version: string }

const program = new Command('espalier')
  .description('fastai’s applications in TypeScript')
  .version(version)
  .showHelpAfterError()

const engine = program.command('engine').description('the native engine: libtensorflow and oneDNN')
engine
  .command('install')
  .description('download it, check its hash and unpack it into the cache')
  .option('--gpu', 'with the CUDA libraries (several gigabytes)')
  .option('--brief', 'one line; exit 1 where it cannot be had')
  .action(engineInstallCommand)
engine.command('status').description('what would be used, and why').action(engineStatusCommand)
program
  .command('doctor')
  .description('what is missing on this machine, each with its fix')
  .action(doctorCommand)
program
  .command('replay')
  .description('run the program of a run card again: are the weights the same?')
  .argument('<card>', 'the file that a run has written')
  .argument('[args...]', 'after --: other arguments for the program')
  .option('--yes', 'without asking')
  .action(replayCommand)
program
  .command('diff')
  .description('the fields that two run cards have differently')
  .argument('<a>')
  .argument('<b>')
  .action(diffCommand)

try {
  await program.parseAsync()
} catch (error) {
  console.error(reasonOf(error))
  process.exitCode = 1
}
