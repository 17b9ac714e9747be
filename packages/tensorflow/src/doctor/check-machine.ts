import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, freemem, totalmem } from 'node:os'
import type { Environment } from '../locate/cache.js'
import type { Check } from './doctor.js'

const oldest = [20, 19] as const
/** What training a small network on small images takes. */
const littleMemory = 4 * 2 ** 30
const defaultPool = 4

/** Node, the processor and the memory. */
export function checkMachine(env: Environment): readonly Check[] {
  return [node(), platform(), processor(), memory(), pool(env)]
}

function node(): Check {
  const [major, minor] = process.versions.node.split('.').map(Number) as [number, number]
  const ok = major > oldest[0] || (major === oldest[0] && minor >= oldest[1])
  return {
    name: 'Node',
    ok,
    detail: process.versions.node,
    ...(!ok && { fix: `Node ${oldest.join('.')} or later is needed` }),
  }
}

function platform(): Check {
  const { platform, arch } = process
  const tried = platform === 'linux' && arch === 'x64'
  const published =
    tried || `${platform}-${arch}` === 'linux-arm64' || `${platform}-${arch}` === 'darwin-arm64'
  return {
    name: 'platform',
    ok: published,
    detail: `${platform} ${arch}${published && !tried ? ', where the native engine was not tried' : ''}`,
    ...(!published && { fix: 'there is no native engine for it: the wasm engine is used' }),
  }
}

function processor(): Check {
  const model = cpus()[0]?.model.trim() || process.arch
  const detail = `${availableParallelism()} cores, ${model}${features()}`
  if (process.arch !== 'x64' || process.platform !== 'linux') return { name: 'processor', ok: true, detail }
  const ok = /avx/.test(detail)
  return {
    name: 'processor',
    ok,
    detail,
    ...(!ok && { fix: 'TensorFlow needs a processor with AVX: the wasm engine is used' }),
  }
}

/** The vector instructions that decide about speed. */
function features(): string {
  try {
    const flags = /^flags\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' ') ?? []
    const known = ['avx', 'avx2', 'fma', 'avx512f', 'avx512_bf16', 'amx_bf16'].filter((f) =>
      flags.includes(f),
    )
    return known.length > 0 ? ` (${known.join(', ')})` : ''
  } catch {
    return ''
  }
}

function memory(): Check {
  const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(1)
  const ok = totalmem() >= littleMemory
  return {
    name: 'memory',
    ok,
    detail: `${gib(totalmem())} GiB, ${gib(freemem())} free`,
    ...(!ok && { fix: 'use small batches and small images' }),
  }
}

/** Images are decoded on libuv's pool, which has four threads unless told otherwise. */
function pool(env: Environment): Check {
  const threads = Number(env['UV_THREADPOOL_SIZE'] ?? defaultPool)
  const cores = availableParallelism()
  const ok = threads >= cores
  return {
    name: 'UV_THREADPOOL_SIZE',
    ok,
    detail: `${threads} threads that decode images, ${cores} cores`,
    ...(!ok && { fix: `start Node with UV_THREADPOOL_SIZE=${cores}` }),
  }
}
