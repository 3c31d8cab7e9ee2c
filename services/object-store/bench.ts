// Measures an object store over HTTP, as its users meet it. Makes a container of its own and removes it.
import { createHash, randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { Readable } from 'node:stream'

export interface BenchOptions {
  /** Of the object store, such as http://127.0.0.1:8080/pithos/object-store/v1 */
  url: string
  token: string
  /** The user's id. */
  account: string
  largeBytes?: number
  /** Small objects. */
  objects?: number
  /** Requests under way at once. */
  atOnce?: number
}

export interface BenchRow {
  name: string
  value: number
  unit: string
}

const MEBIBYTE = 1024 * 1024
const SMALL_BYTES = 4096

export async function benchObjectStore(options: BenchOptions): Promise<BenchRow[]> {
  const { largeBytes = 256 * MEBIBYTE, objects = 1000, atOnce = 16 } = options
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  const root = new URL(`${options.url.replace(/\/$/, '')}/${encodeURIComponent(options.account)}/`)
  const container = `bench-${randomBytes(4).toString('hex')}`
  const rows: BenchRow[] = []

  function send(
    method: string,
    path: string,
    body?: Readable | string | Buffer,
    headers: Record<string, string> = {},
  ): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const all = { 'X-Auth-Token': options.token, 'Content-Type': 'application/octet-stream', ...headers }
      const sent = request(new URL(`${container}${path}`, root), { method, headers: all, agent }, (answer) => {
        const chunks: Buffer[] = []
        let bytes = 0
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes < 16 * MEBIBYTE) chunks.push(chunk) // of a large download only the speed counts
        })
        answer.on('error', reject)
        answer.on('end', () => {
          const text = Buffer.concat(chunks)
          const good = answer.statusCode! < 300 || answer.statusCode === 409
          if (good) resolve(text)
          else reject(new Error(`${method} ${path} was answered ${answer.statusCode}: ${text.toString('utf8', 0, 300)}`))
        })
      })
      sent.on('error', reject)
      if (body instanceof Readable) body.on('error', reject).pipe(sent)
      else sent.end(body)
    })
  }

  async function measure(name: string, unit: string, amount: number, work: () => Promise<unknown>): Promise<void> {
    const began = performance.now()
    await work()
    rows.push({ name, value: amount / ((performance.now() - began) / 1000), unit })
  }

  async function each(count: number, work: (i: number) => Promise<unknown>): Promise<void> {
    let next = 0
    async function one() {
      for (let i = next++; i < count; i = next++) await work(i)
    }
    await Promise.all(Array.from({ length: atOnce }, one))
  }

  await send('PUT', '')
  try {
    const mebibytes = largeBytes / MEBIBYTE
    const length = { 'Content-Length': String(largeBytes) }
    const seed = randomBytes(4)
    await measure('large PUT', 'MiB/s', mebibytes, () => send('PUT', '/large', noise(seed, largeBytes), length))
    await measure('large GET', 'MiB/s', mebibytes, () => send('GET', '/large'))
    const list = (await send('GET', '/large?hashmap&format=json')).toString()
    await measure('hash list PUT of known content', 'MiB/s', mebibytes, () => send('PUT', '/again?hashmap&format=json', list))
    await measure('large PUT of known content', 'MiB/s', mebibytes, () => send('PUT', '/large', noise(seed, largeBytes), length))
    await send('DELETE', '/large')
    await send('DELETE', '/again')

    const name = (i: number) => `/small-${String(i).padStart(8, '0')}`
    const small = Array.from({ length: objects }, () => randomBytes(SMALL_BYTES))
    await measure('4 KiB PUT', 'per second', objects, () => each(objects, (i) => send('PUT', name(i), small[i])))
    await measure('HEAD', 'per second', objects, () => each(objects, (i) => send('HEAD', name(i))))
    await measure('4 KiB GET', 'per second', objects, () => each(objects, (i) => send('GET', name(i))))
    const headers = { 'X-Object-Meta-Bench': 'yes', 'Content-Type': 'text/plain' }
    await measure('metadata POST', 'per second', objects, () =>
      each(objects, (i) => send('POST', `${name(i)}?update`, undefined, headers)),
    )
    await measure(`listing of ${objects} objects`, 'per second', 50, () => each(50, () => send('GET', '?format=json')))
    await measure('listing of a page of 100', 'per second', 200, () =>
      each(200, () => send('GET', '?format=json&limit=100&delimiter=/')),
    )
    await measure('DELETE', 'per second', objects, () => each(objects, (i) => send('DELETE', name(i))))
  } finally {
    await send('DELETE', '?delimiter=/')
    await send('DELETE', '')
    agent.destroy()
  }
  return rows
}

/** Bytes that no other run sends and that do not repeat within blocks: one random mebibyte, with a counter in front of each copy. */
function noise(seed: Buffer, bytes: number): Readable {
  const chunk = createHash('shake256', { outputLength: MEBIBYTE }).update(seed).digest()
  return Readable.from(
    (function* () {
      for (let at = 0; at < bytes; at += MEBIBYTE) {
        const copy = Buffer.from(chunk.subarray(0, Math.min(MEBIBYTE, bytes - at)))
        copy.writeUIntBE(at % 2 ** 48, 0, 6)
        yield copy
      }
    })(),
    { highWaterMark: 1 },
  )
}
