// What all measurements stand on: whom they ask, what they may look at inside, and how a row comes about.
import { randomBytes } from 'node:crypto'
import { type LoadAnswer, type LoadConnection, type LoadRequest, openLoadConnection } from './connection.ts'
import { countFlushes } from './flushes.ts'
import { type Load, type LoadResult, makeLoad, quantile } from './load.ts'

/** An account of an object store that speaks the Swift v1 API. */
export interface Target {
  /** Such as http://127.0.0.1:8080/pithos/object-store/v1/ACCOUNT */
  url: string
  token: string
}

/** What can be seen of a cloud of one's own. */
export interface Inside {
  databaseUrl: string
  /** The account that is asked. */
  account: string
  blocksFolder: string
  /** Seconds of processor time that the cloud and its database have taken. */
  cpuSeconds(): number
  /** Of memory, shared pages counted once: of all processes, and of the one that answers. */
  pssBytes(): { all: number; server: number }
  /** Another person. */
  addPerson(): Promise<Target & { account: string }>
}

export interface BenchRow {
  name: string
  value: number
  unit: string
  p50Ms?: number | undefined
  p99Ms?: number | undefined
  /** Of the server: milliseconds for an operation, or for a mebibyte. Undefined where it cannot be seen. */
  cpuMs?: number | undefined
  /** To disk, for an operation. */
  flushes?: number | undefined
  failed?: number
  failure?: string | undefined
}

export interface Scale {
  /** Length of a measurement. */
  seconds: number
  largeBytes: number
  /** Large objects that are put at most. */
  largeObjects: number
  smallBytes: number
  smallAtOnce: number
  /** Objects in containers that are listed. */
  listed: readonly number[]
  /** The largest container that is listed: only in a cloud of one's own. */
  mostListed: number
  writers: number
  uploads: number
  uploadBytes: number
  restored: number
}

export interface Bench {
  /** Where the account begins, in paths of requests. */
  base: string
  origin: string
  headers: Readonly<Record<string, string>>
  inside: Inside | undefined
  scale: Scale
  tell(line: string): void
  rows: BenchRow[]
  /** A name that no other run uses. */
  unique(name: string): string
  /** Asks outside of measurements; anything but a good answer is an error. */
  must(request: LoadRequest): Promise<LoadAnswer>
  /** Measures and adds a row. */
  measure(name: string, work: Measured): Promise<LoadResult>
}

export interface Measured extends Omit<Load, 'seconds' | 'isGood'> {
  good: readonly number[]
  /** The body that a good answer has. */
  bodyBytes?: number
  /** Count mebibytes instead of operations: so many bytes each. */
  eachBytes?: number
  countsFlushes?: boolean
}

export const MEBIBYTE = 1024 * 1024

export function openBench(
  target: Target,
  inside: Inside | undefined,
  scale: Scale,
  tell: (line: string) => void,
): Bench & { close(): void } {
  const { origin, pathname } = new URL(target.url)
  const base = pathname.replace(/\/$/, '')
  const headers = { 'X-Auth-Token': target.token }
  const run = randomBytes(4).toString('hex')
  const rows: BenchRow[] = []
  const connection: LoadConnection = openLoadConnection(origin)

  async function must(request: LoadRequest): Promise<LoadAnswer> {
    const answer = await connection.ask({ keep: true, ...request, headers: { ...headers, ...request.headers } })
    if (answer.status >= 300)
      throw new Error(`${request.method} ${request.path} was answered ${answer.status}: ${answer.body.toString('utf8', 0, 300)}`)
    return answer
  }

  async function measure(
    name: string,
    { good, bodyBytes, eachBytes, countsFlushes = false, ...load }: Measured,
  ): Promise<LoadResult> {
    tell(name)
    const flushes = countsFlushes && inside ? await countFlushes(inside, settleReads) : undefined
    const cpuBefore = inside?.cpuSeconds()
    const result = await makeLoad(origin, {
      ...load,
      seconds: scale.seconds,
      request: (number) => {
        const request = load.request(number)
        return { ...request, headers: { ...headers, ...request.headers } }
      },
      isGood: ({ status, bodyBytes: came }) => good.includes(status) && (bodyBytes === undefined || came === bodyBytes),
    })
    const cpuSeconds = inside && inside.cpuSeconds() - cpuBefore!
    const done = result.millis.length
    const amount = eachBytes === undefined ? done : (done * eachBytes) / MEBIBYTE
    rows.push({
      name,
      value: amount / result.seconds,
      unit: eachBytes === undefined ? '/s' : 'MiB/s',
      p50Ms: quantile(result.millis, 0.5),
      p99Ms: quantile(result.millis, 0.99),
      cpuMs: cpuSeconds === undefined || amount === 0 ? undefined : (cpuSeconds * 1000) / amount,
      flushes: flushes && (await flushes()) / done,
      failed: result.failed.size,
      failure: result.failure,
    })
    return result
  }

  /** Reads that flush nothing, on every connection to the database: it counts what each one did once the next comes. */
  async function settleReads(): Promise<void> {
    const request = () => ({ method: 'HEAD', path: base, headers })
    await makeLoad(origin, { atOnce: 16, seconds: 10, limit: 128, request, isGood: () => true })
  }

  return {
    base,
    origin,
    headers,
    inside,
    scale,
    tell,
    rows,
    unique: (name) => `bench-${run}-${name}`,
    must,
    measure,
    close: () => connection.close(),
  }
}

/** A number between 0 and before `count`, different ones for neighbouring `number`s. */
export const scattered = (number: number, count: number) => (Math.imul(number + 1, 2_654_435_761) >>> 0) % count

/** What a measurement made and nobody needs any more; a cloud that is thrown away keeps it. */
export async function cleanUp(
  { inside, origin, base, headers }: Bench,
  container: string,
  names: readonly string[],
): Promise<void> {
  if (inside) return
  const request = (number: number) => ({ method: 'DELETE', path: `${base}/${container}/${names[number]}`, headers })
  await makeLoad(origin, { atOnce: 8, seconds: 3600, limit: names.length, request, isGood: () => true })
  const last = openLoadConnection(origin)
  await last.ask({ method: 'DELETE', path: `${base}/${container}`, headers })
  last.close()
}
