// Measures a volume against qemu-nbd, on a raw copy of the image and on a qcow2 above it, in alternating rounds:
//
//   node engines/volumes/bench.ts [--rounds 3] [--seconds 1] [--size-mib 512] [--piece-bytes 65536] [--folder DIR] [--json FILE]
//
// Each server is a process of its own; the client is the same for all and sits in this one. Needs qemu-utils and
// three times the size on disk.
import { execFileSync, spawn } from 'node:child_process'
import { randomFillSync, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openFiles } from '@synnefo/engine-blocks'
import { COMMAND, ERROR } from './nbd/protocol.ts'
import { connectNbd, type NbdClient } from './nbd/testing-client.ts'
import { openVolumes } from './volumes.ts'

const MIB = 1024 * 1024
const BLOCK = 4 * MIB
const DEPTH = 32

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '1' },
    'size-mib': { type: 'string', default: '512' },
    'piece-bytes': { type: 'string', default: '65536' },
    folder: { type: 'string', default: tmpdir() },
    json: { type: 'string' },
  },
})
const sizeBytes = Number(values['size-mib']) * MIB
const milliseconds = Number(values.seconds) * 1000
const pieceBytes = values['piece-bytes'] === '4096' ? 4096 : 65536
const folder = mkdtempSync(join(values.folder, 'volumes-bench-'))
const socketPath = join(folder, 'nbd')
const image = join(folder, 'image')

interface Load {
  name: string
  type: number
  bytes: number
  depth: number
  order: 'sequential' | 'random'
  /** Ends after this many requests, rather than by time. */
  count?: number
  flush?: boolean
}

const LOADS: Load[] = [
  { name: 'read 1M, untouched', type: COMMAND.read, bytes: MIB, depth: 4, order: 'sequential', count: sizeBytes / MIB },
  { name: 'write 4k random, first touch', type: COMMAND.write, bytes: 4096, depth: 1, order: 'random', count: 1000 },
  { name: 'write 1M, first pass', type: COMMAND.write, bytes: MIB, depth: 4, order: 'sequential', count: sizeBytes / MIB },
  { name: 'write 1M', type: COMMAND.write, bytes: MIB, depth: 4, order: 'sequential' },
  { name: 'read 1M', type: COMMAND.read, bytes: MIB, depth: 4, order: 'sequential' },
  { name: 'read 4k random', type: COMMAND.read, bytes: 4096, depth: 1, order: 'random' },
  { name: `read 4k random, ${DEPTH} at once`, type: COMMAND.read, bytes: 4096, depth: DEPTH, order: 'random' },
  { name: 'write 4k random', type: COMMAND.write, bytes: 4096, depth: 1, order: 'random' },
  { name: `write 4k random, ${DEPTH} at once`, type: COMMAND.write, bytes: 4096, depth: DEPTH, order: 'random' },
  { name: 'write 4k random and flush', type: COMMAND.write, bytes: 4096, depth: 1, order: 'random', flush: true },
]

/** Requests for each second. */
async function measure(client: NbdClient, load: Load): Promise<number> {
  const slots = sizeBytes / load.bytes
  const data = load.type === COMMAND.write ? randomFillSync(Buffer.alloc(load.bytes)) : undefined
  const expectBytes = data ? 0 : load.bytes
  const start = performance.now()
  let asked = 0
  let done = 0
  async function lane(): Promise<void> {
    while (load.count === undefined ? performance.now() - start < milliseconds : asked < load.count) {
      const slot = load.order === 'random' ? randomInt(slots) : asked % slots
      asked += 1
      const reply = await client.ask({ type: load.type, offset: slot * load.bytes, length: load.bytes, data, expectBytes })
      if (reply.error !== ERROR.none) throw new Error(`error ${reply.error} in ${load.name}`)
      if (load.flush) await client.ask({ type: COMMAND.flush })
      done += 1
    }
  }
  await Promise.all(Array.from({ length: load.depth }, lane))
  return (done * 1000) / (performance.now() - start)
}

interface Server {
  name: string
  /** Makes a fresh copy of the image and serves it. Answers socket and process. */
  start(): Promise<{ socketPath: string; stop(): Promise<void> }>
}

async function run(command: string, args: string[], socketPath: string) {
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'inherit'] })
  const ended = once(child, 'exit')
  while (!existsSync(socketPath)) await pause(10)
  return {
    socketPath,
    async stop() {
      child.kill()
      await ended
      rmSync(socketPath, { force: true })
    },
  }
}

const blocks = await openFiles({ folder: join(folder, 'blocks') })
const volumes = await openVolumes({ folder: join(folder, 'volumes'), runFolder: join(folder, 'run'), blocks })

async function storeImage(): Promise<string[]> {
  const fd = openSync(image, 'w')
  const hashes: string[] = []
  for (let at = 0; at < sizeBytes; at += BLOCK) {
    const block = randomFillSync(Buffer.alloc(BLOCK))
    writeSync(fd, block)
    hashes.push(await blocks.put(block))
  }
  closeSync(fd)
  return hashes
}

function qemuNbd(format: string, file: string) {
  return run('qemu-nbd', ['-f', format, '-t', '-e', '8', '--discard=unmap', '-x', 'v', '-k', socketPath, file], socketPath)
}

const hashes = await storeImage()
const servers: Server[] = [
  {
    name: 'qemu-nbd raw',
    async start() {
      execFileSync('cp', ['--reflink=never', image, join(folder, 'raw')])
      return qemuNbd('raw', join(folder, 'raw'))
    },
  },
  {
    name: 'qemu-nbd qcow2',
    async start() {
      rmSync(join(folder, 'qcow2'), { force: true })
      execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', image, '-F', 'raw', join(folder, 'qcow2')])
      return qemuNbd('qcow2', join(folder, 'qcow2'))
    },
  },
  {
    name: 'volume',
    async start() {
      await volumes.remove('v')
      await volumes.create({ name: 'v', sizeBytes, pieceBytes, source: { sizeBytes, blockSizeBytes: BLOCK, hashes } })
      return run(process.execPath, [join(import.meta.dirname, 'testing-server.ts'), folder, 'v'], join(folder, 'run', 'v.nbd'))
    },
  },
]

const rates = new Map<string, number[]>()
const key = (server: Server, load: Load) => `${load.name} · ${server.name}`
try {
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    for (const server of servers) {
      console.error(`round ${round}: ${server.name}`)
      const { socketPath, stop } = await server.start()
      const client = await connectNbd(socketPath, 'v')
      for (const load of LOADS)
        rates.set(key(server, load), [...(rates.get(key(server, load)) ?? []), await measure(client, load)])
      client.close()
      await stop()
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!
const results = LOADS.map((load) => {
  const [raw, qcow2, volume] = servers.map((server) => rates.get(key(server, load))!) as [number[], number[], number[]]
  const ratio = (peer: number[]) => volume.map((rate, round) => rate / peer[round]!)
  return { load, raw, qcow2, volume, toRaw: ratio(raw), toQcow2: ratio(qcow2) }
})
const rate = (load: Load, numbers: number[]) =>
  load.bytes === MIB ? `${Math.round(median(numbers))} MiB/s` : `${Math.round(median(numbers))}/s`
const range = (numbers: number[]) =>
  `${median(numbers).toFixed(2)} (${Math.min(...numbers).toFixed(2)}–${Math.max(...numbers).toFixed(2)})`
console.table(
  Object.fromEntries(
    results.map(({ load, raw, qcow2, volume, toRaw, toQcow2 }) => [
      load.name,
      {
        volume: rate(load, volume),
        'qemu-nbd raw': rate(load, raw),
        'qemu-nbd qcow2': rate(load, qcow2),
        'ratio to raw': range(toRaw),
        'ratio to qcow2': range(toQcow2),
      },
    ]),
  ),
)
if (values.json) writeFileSync(values.json, JSON.stringify(results, null, 1))
await volumes.close()
