// Small objects, each one's whole life, over some connections at once.
import { type Bench, cleanUp, scattered } from './bench.ts'
import { numbersOf } from './large.ts'
import { makeLoad } from './load.ts'
import { noise } from './noise.ts'

const BYTES = { 'Content-Type': 'application/octet-stream' }
const METADATA = { 'Content-Type': 'text/plain', 'X-Object-Meta-Colour': 'green' }
const WARM_UP = 200

export async function measureSmall(bench: Bench): Promise<void> {
  const { base, origin, headers, scale } = bench
  const { smallBytes, smallAtOnce: atOnce } = scale
  const container = bench.unique('small')
  await bench.must({ method: 'PUT', path: `${base}/${container}` })
  const path = (name: string | number) => `${base}/${container}/${name}`
  const putOf = (name: string) => ({
    method: 'PUT',
    path: path(name),
    headers: { ...headers, ...BYTES },
    body: noise(smallBytes),
  })
  // What has to be compiled, connected or filled is, then.
  await makeLoad(origin, { atOnce, seconds: 2, limit: WARM_UP, request: (number) => putOf(`warm${number}`), isGood: () => true })

  const put = await bench.measure('small PUT', {
    atOnce,
    good: [201],
    countsFlushes: true,
    request: (number) => putOf(`o${number}`),
  })
  const there = numbersOf(put)
  const any = (number: number) => path(`o${there[scattered(number, there.length)]}`)
  await bench.measure('small HEAD', { atOnce, good: [200, 204], request: (number) => ({ method: 'HEAD', path: any(number) }) })
  await bench.measure('small GET', {
    atOnce,
    good: [200],
    bodyBytes: smallBytes,
    request: (number) => ({ method: 'GET', path: any(number) }),
  })
  await bench.measure('small POST', {
    atOnce,
    good: [201, 202, 204],
    countsFlushes: true,
    request: (number) => ({ method: 'POST', path: any(number), headers: METADATA }),
  })
  const deleted = await bench.measure('small DELETE', {
    atOnce,
    limit: there.length,
    good: [204],
    countsFlushes: true,
    request: (number) => ({ method: 'DELETE', path: path(`o${there[number]}`) }),
  })
  const left = there.slice(deleted.tried).map((number) => `o${number}`)
  await cleanUp(bench, container, [...left, ...Array.from({ length: WARM_UP }, (_, number) => `warm${number}`)])
}

/** Many writers into one container against as many into one each: nobody should wait for the container. */
export async function measureWriters(bench: Bench): Promise<void> {
  const { base, scale } = bench
  const atOnce = scale.writers
  const containers = Array.from({ length: atOnce }, (_, number) => bench.unique(`writer-${number}`))
  for (const container of containers) await bench.must({ method: 'PUT', path: `${base}/${container}` })
  const rateOf = async (name: string, place: (number: number) => string) => {
    await bench.measure(name, {
      atOnce,
      good: [201],
      request: (number) => ({ method: 'PUT', path: `${base}/${place(number)}`, headers: BYTES, body: noise(scale.smallBytes) }),
    })
    return bench.rows.at(-1)!.value
  }
  const many = await rateOf(`${atOnce} writers, ${atOnce} containers`, (number) => `${containers[number % atOnce]}/many${number}`)
  const one = await rateOf(`${atOnce} writers, one container`, (number) => `${containers[0]}/one${number}`)
  bench.rows.push({ name: `${atOnce} writers, one container of many`, value: one / many, unit: 'times' })
}
