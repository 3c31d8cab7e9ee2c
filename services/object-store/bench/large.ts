// Large objects in and out, one at a time and four at once, and a copy inside the store.
import { type Bench, cleanUp, scattered } from './bench.ts'

const SETS = [1, 4]
const COPIES = 200

export async function measureLarge(bench: Bench): Promise<void> {
  const { base, scale } = bench
  for (const atOnce of SETS) {
    const container = bench.unique(`large-${atOnce}`)
    await bench.must({ method: 'PUT', path: `${base}/${container}` })
    const path = (number: number) => `${base}/${container}/o${number}`
    const put = await bench.measure(`large PUT c${atOnce}`, {
      atOnce,
      limit: scale.largeObjects,
      eachBytes: scale.largeBytes,
      good: [201],
      request: (number) => ({ method: 'PUT', path: path(number), headers: BYTES, body: { noiseBytes: scale.largeBytes } }),
    })
    const there = numbersOf(put)
    await bench.measure(`large GET c${atOnce}`, {
      atOnce,
      limit: 4 * scale.largeObjects,
      eachBytes: scale.largeBytes,
      good: [200],
      bodyBytes: scale.largeBytes,
      request: (number) => ({ method: 'GET', path: path(there[scattered(number, there.length)]!) }),
    })
    await cleanUp(
      bench,
      container,
      there.map((number) => `o${number}`),
    )
  }
}

export async function measureCopy(bench: Bench): Promise<void> {
  const { base, scale } = bench
  const container = bench.unique('copy')
  await bench.must({ method: 'PUT', path: `${base}/${container}` })
  const source = { method: 'PUT', path: `${base}/${container}/source`, headers: BYTES }
  await bench.must({ ...source, body: { noiseBytes: scale.largeBytes } })
  const copies = await bench.measure('server-side copy', {
    atOnce: 1,
    limit: COPIES,
    good: [201],
    request: (number) => ({
      method: 'PUT',
      path: `${base}/${container}/copy${number}`,
      headers: { 'X-Copy-From': `/${container}/source` },
    }),
  })
  await cleanUp(bench, container, ['source', ...numbersOf(copies).map((number) => `copy${number}`)])
}

const BYTES = { 'Content-Type': 'application/octet-stream' }

/** What was made. */
export function numbersOf({ tried, failed }: { tried: number; failed: ReadonlySet<number> }): number[] {
  return Array.from({ length: tried }, (_, number) => number).filter((number) => !failed.has(number))
}
