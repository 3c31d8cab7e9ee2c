// Measures an object store over HTTP, as its users meet it: any that speaks the Swift v1 API, and more of a cloud of one's
// own, where it can be seen what the server takes.
import { createHash } from 'node:crypto'
import { type Bench, type BenchRow, cleanUp, type Inside, MEBIBYTE, openBench, type Scale, type Target } from './bench.ts'
import { measureCopy, measureLarge } from './large.ts'
import { measureGrowth, measureListings } from './listings.ts'
import { noise } from './noise.ts'
import { measureRestore } from './restore.ts'
import { measureSmall, measureWriters } from './small.ts'
import { measureKnownBlocks, measureMemory } from './uploads.ts'

export type { BenchRow, Inside, Scale, Target } from './bench.ts'

/** What can be measured, in this order. */
const MEASUREMENTS = {
  large: measureLarge,
  copy: measureCopy,
  small: measureSmall,
  list: measureListings,
  growth: measureGrowth,
  writers: measureWriters,
  hashes: measureKnownBlocks,
  restore: measureRestore,
  memory: measureMemory,
} satisfies Record<string, (bench: Bench) => Promise<void>>

export type Measurement = keyof typeof MEASUREMENTS
export const measurements = Object.keys(MEASUREMENTS) as Measurement[]

export const usualScale: Scale = {
  seconds: 5,
  largeBytes: 64 * MEBIBYTE,
  largeObjects: 16,
  smallBytes: 4096,
  smallAtOnce: 16,
  listed: [1_000, 10_000, 100_000],
  mostListed: 1_000_000,
  writers: 64,
  uploads: 32,
  uploadBytes: 1024 * MEBIBYTE,
  restored: 10_000,
}

export interface BenchOptions {
  target: Target
  inside?: Inside | undefined
  measurements?: readonly Measurement[]
  scale?: Partial<Scale>
  tell(line: string): void
}

export async function benchObjectStore(options: BenchOptions): Promise<BenchRow[]> {
  const { target, inside, measurements: wanted = measurements, scale, tell } = options
  const bench = openBench(target, inside, { ...usualScale, ...scale }, tell)
  try {
    await checkBytes(bench)
    const before = inside?.pssBytes()
    for (const name of measurements) if (wanted.includes(name)) await MEASUREMENTS[name](bench)
    if (inside) {
      bench.rows.push(
        { name: 'memory of the cloud before (PSS)', value: before!.all / MEBIBYTE, unit: 'MiB' },
        { name: 'memory of the cloud after (PSS)', value: inside.pssBytes().all / MEBIBYTE, unit: 'MiB' },
      )
    }
  } finally {
    bench.close()
  }
  return bench.rows
}

/** A store that returns other bytes than it was given need not be fast. */
async function checkBytes(bench: Bench): Promise<void> {
  const container = bench.unique('check')
  const path = `${bench.base}/${container}`
  await bench.must({ method: 'PUT', path })
  const given = Buffer.concat(Array.from({ length: 5 }, () => noise(MEBIBYTE - 100)))
  await bench.must({ method: 'PUT', path: `${path}/o`, headers: { 'Content-Type': 'application/octet-stream' }, body: given })
  const { body, headers } = await bench.must({ method: 'GET', path: `${path}/o` })
  if (!body.equals(given)) throw new Error('the store returned other bytes than it was given')
  const md5 = createHash('md5').update(given).digest('hex')
  if (headers.get('etag')?.replaceAll('"', '') !== md5) bench.tell('the ETag of this store is not the MD5')
  await cleanUp(bench, container, ['o'])
}
