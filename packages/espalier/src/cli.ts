#!/usr/bin/env node
import { createRequire } from 'node:module'
import { reasonOf } from '@espalier/data'
import { Command } from 'commander'
import { doctorCommand } from './commands/doctor.js'
import { engineInstallCommand, engineStatusCommand } from './commands/engine.js'

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

try {
  await program.parseAsync()
} catch (error) {
  console.error(reasonOf(error))
  process.exitCode = 1
}
