// Listings of containers of some sizes. Names lie in folders of a hundred: all/dir-00012/obj-0001234. A prefix ends with the
// delimiter, where stores that speak this API agree on what it means.
import { type Bench, cleanUp } from './bench.ts'
import { makeLoad } from './load.ts'
import { seedContainer } from './seed.ts'

const AT_ONCE = 2
const PAGE = 1000
const BYTES = { 'Content-Type': 'application/octet-stream' }

export const listedName = (number: number) =>
  `all/dir-${String(Math.floor(number / 100)).padStart(5, '0')}/obj-${String(number).padStart(7, '0')}`

export async function measureListings(bench: Bench): Promise<void> {
  for (const count of bench.scale.listed) {
    const container = await fill(bench, count)
    await measurePages(bench, container, count, PAGES)
    await bench.measure(`list HEAD container, ${count}`, {
      atOnce: AT_ONCE,
      good: [200, 204],
      request: () => ({ method: 'HEAD', path: `${bench.base}/${container}` }),
    })
    await cleanUp(
      bench,
      container,
      Array.from({ length: count }, (_, number) => listedName(number)),
    )
  }
}

interface Page {
  name: string
  limit?: number
  query: (count: number) => string
  entries: (count: number) => number
}

const PAGES: readonly Page[] = [
  { name: 'list first page', query: () => '', entries: (count) => count },
  {
    name: 'list middle page',
    query: (count) => `&marker=${encodeURIComponent(listedName(Math.floor(count / 2) - 1))}`,
    entries: (count) => Math.ceil(count / 2),
  },
  { name: 'list prefix+delimiter', query: () => '&prefix=all/&delimiter=/', entries: (count) => Math.ceil(count / 100) },
  {
    name: 'list one folder',
    query: () => `&prefix=${encodeURIComponent('all/dir-00001/')}&delimiter=/`,
    entries: (count) => Math.min(100, Math.max(0, count - 100)),
  },
]

/** Answers the milliseconds of a page, by its name. */
async function measurePages(
  bench: Bench,
  container: string,
  count: number,
  pages: readonly Page[],
): Promise<Map<string, number>> {
  const millis = new Map<string, number>()
  for (const { name, limit = PAGE, query, entries } of pages) {
    const request = { method: 'GET', path: `${bench.base}/${container}?format=json&limit=${limit}${query(count)}` }
    const wanted = Math.min(limit, entries(count))
    const { body } = await bench.must(request)
    const got = (JSON.parse(body.toString()) as unknown[]).length
    if (got !== wanted) throw new Error(`${name} of ${count} objects has ${got} entries instead of ${wanted}`)
    await bench.measure(`${name}, ${count}`, { atOnce: AT_ONCE, good: [200], bodyBytes: body.length, request: () => request })
    millis.set(name, bench.rows.at(-1)!.p50Ms ?? Number.NaN)
  }
  return millis
}

/** What must not grow with a container: the time of a page at a thousand objects and at very many. */
export async function measureGrowth(bench: Bench): Promise<void> {
  const { inside, scale, tell } = bench
  if (!inside) return tell('a container of very many objects is only made in a cloud of its own')
  const few = 1000
  const many = scale.mostListed
  const small = await measurePages(bench, await fill(bench, few), few, GROWTH_PAGES)
  const large = await measurePages(bench, await fill(bench, many), many, GROWTH_PAGES)
  for (const [name, millis] of large) {
    bench.rows.push({ name: `${name}: time at ${many} of that at ${few}`, value: millis / small.get(name)!, unit: 'times' })
  }
}

/** Pages that are as long at both sizes. */
const GROWTH_PAGES: readonly Page[] = [
  { name: 'page from the start', query: () => '', entries: (count) => count },
  {
    name: 'page from the middle',
    limit: 400,
    query: (count) => `&marker=${encodeURIComponent(listedName(count / 2 - 1))}`,
    entries: () => 400,
  },
  { name: 'page of folders', limit: 10, query: () => '&prefix=all/&delimiter=/', entries: () => 10 },
  { name: 'page of one folder', query: () => `&prefix=${encodeURIComponent('all/dir-00001/')}&delimiter=/`, entries: () => 100 },
]

async function fill(bench: Bench, count: number): Promise<string> {
  const { base, origin, headers, inside, tell } = bench
  const container = bench.unique(`list-${count}-${bench.rows.length}`)
  await bench.must({ method: 'PUT', path: `${base}/${container}` })
  tell(`making ${count} objects`)
  if (inside) await seedContainer(bench, inside, { container, count })
  else {
    const request = (number: number) => {
      const path = `${base}/${container}/${listedName(number)}`
      return { method: 'PUT', path, headers: { ...headers, ...BYTES }, body: Buffer.from(String(number)) }
    }
    const isGood = ({ status }: { status: number }) => status === 201
    const made = await makeLoad(origin, { atOnce: 16, seconds: 24 * 3600, limit: count, request, isGood })
    if (made.failed.size > 0) throw new Error(`${made.failed.size} objects could not be made: ${made.failure}`)
  }
  return container
}
