import { execFile } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { reasonOf } from '@espalier/data'
import type { Environment } from '../locate/cache.js'
import type { Check } from './doctor.js'
import { probeSystem } from './probe.js'

/** What pictures, plots and installations need. */
export async function checkTools(env: Environment): Promise<readonly Check[]> {
  return [...(await openMp()), sharp(), await fonts(env), await python(env)]
}

async function python(env: Environment): Promise<Check> {
  const name = 'python3 with pip'
  const pip = await printed('python3', ['-m', 'pip', '--version'], env)
  if (pip !== undefined) return { name, ok: true, detail: pip.split(' from ')[0]! }
  const version = await printed('python3', ['--version'], env)
  return {
    name,
    ok: false,
    detail: version === undefined ? 'there is no python3 on the PATH' : `${version.trim()} without pip`,
    fix: "install them (apt install python3-pip): 'espalier engine install' downloads with pip",
  }
}

/** As the program that is run would find it, or the package that reads images for it. */
function sharp(): Check {
  const program = process.argv[1]
  const places = [
    join(process.cwd(), 'package.json'),
    ...(program && existsSync(program) ? [realpathSync(program)] : []),
  ]
  const failures: string[] = []
  for (const place of places) {
    for (const through of [[], ['@espalier/vision'], ['espalier', '@espalier/vision']]) {
      try {
        const from = through.reduce((file, name) => createRequire(file).resolve(name), place)
        const { versions } = createRequire(from)('sharp') as { readonly versions: { readonly vips: string } }
        return { name: 'sharp', ok: true, detail: `with libvips ${versions.vips}` }
      } catch (error) {
        failures.push(reasonOf(error).split('\n')[0]!)
      }
    }
  }
  return { name: 'sharp', ok: false, detail: failures[0]!, fix: 'npm install sharp, to read images' }
}

/** GNU's OpenMP library, whose threads oneDNN uses. */
async function openMp(): Promise<readonly Check[]> {
  if (process.platform !== 'linux') return []
  const name = 'libgomp.so.1'
  const probe = await probeSystem(name)
  if (probe.ok) return [{ name: 'libgomp', ok: true, detail: name }]
  return [
    { name: 'libgomp', ok: false, detail: probe.problem, fix: 'oneDNN needs it (apt install libgomp1)' },
  ]
}

async function fonts(env: Environment): Promise<Check> {
  const name = 'fonts'
  const list = await printed('fc-list', [':', 'family'], env)
  const count = new Set(list?.split('\n').filter(Boolean)).size
  if (count > 0) return { name, ok: true, detail: `${count} families` }
  return {
    name,
    ok: false,
    detail: list === undefined ? 'there is no fc-list to ask' : 'none',
    fix: 'plots and pictures need one (apt install fontconfig fonts-dejavu-core)',
  }
}

/** What a program prints; nothing when it is not there or fails. */
function printed(program: string, args: readonly string[], env: Environment): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, [...args], { env, encoding: 'utf8', timeout: 10_000 }, (error, stdout) => {
      resolve(error ? undefined : stdout)
    })
  })
}
