import { execFile } from 'node:child_process'

/** How a program ended: what it said when it failed. */
export type Ended =
  | { readonly ok: true; readonly out: string }
  | { readonly ok: false; readonly problem: string }

/**
 * The environment of someone who knows nothing of this workspace: without the search paths and the settings that
 * the tools running us have put there.
 */
export function cleanEnvironment(
  changes: Readonly<Record<string, string | undefined>> = {},
): NodeJS.ProcessEnv {
  const ours =
    /^(NODE_PATH|NODE_OPTIONS|INIT_CWD|PNPM_.*|TURBO_.*|npm_(package|lifecycle|command|execpath|node).*)$/
  const prefixes = /^npm_config_(local_prefix|global_prefix|prefix|dir|workspace.*)$/i
  const kept = Object.entries(process.env).filter(([name]) => !ours.test(name) && !prefixes.test(name))
  const changed = { ...Object.fromEntries(kept), ...changes }
  return Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined))
}

/** Runs a program in a folder. */
export function runIn(
  cwd: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = cleanEnvironment(),
): Promise<Ended> {
  const options = { cwd, env, timeout: 170_000, maxBuffer: 2 ** 26, shell: process.platform === 'win32' }
  return new Promise((resolve) => {
    execFile(command, [...args], options, (error, stdout, stderr) => {
      if (!error) return resolve({ ok: true, out: stdout })
      const said = `${stdout}${stderr}`.trim().split('\n').slice(-12).join('\n')
      resolve({ ok: false, problem: said || error.message })
    })
  })
}
