// What uploads send and hold: memory of the server under many at once, and bytes that travel when blocks are known.
import { createHash } from 'node:crypto'
import { type Bench, MEBIBYTE } from './bench.ts'
import { openLoadConnection } from './connection.ts'
import { makeLoad } from './load.ts'
import { noise } from './noise.ts'

const BYTES = { 'Content-Type': 'application/octet-stream' }
const SAMPLE_EVERY_MS = 200
const BLOCK_BYTES = 4 * MEBIBYTE

export async function measureMemory(bench: Bench): Promise<void> {
  const { base, origin, headers, inside, scale, tell } = bench
  if (!inside) return tell('memory of the server is only seen in a cloud of its own')
  const { uploads, uploadBytes } = scale
  const container = bench.unique('memory')
  await bench.must({ method: 'PUT', path: `${base}/${container}` })
  const name = `${uploads} uploads of ${uploadBytes / MEBIBYTE} MiB at once`
  tell(name)
  const before = inside.pssBytes()
  const most = { ...before }
  const sampling = setInterval(() => {
    const { all, server } = inside.pssBytes()
    most.all = Math.max(most.all, all)
    most.server = Math.max(most.server, server)
  }, SAMPLE_EVERY_MS)
  const request = (number: number) => {
    const path = `${base}/${container}/o${number}`
    return { method: 'PUT', path, headers: { ...headers, ...BYTES }, body: { noiseBytes: uploadBytes } }
  }
  const isGood = ({ status }: { status: number }) => status === 201
  const result = await makeLoad(origin, { atOnce: uploads, seconds: 1, limit: uploads, request, isGood })
  clearInterval(sampling)
  bench.rows.push(
    {
      name: `${name}: all together`,
      value: (result.millis.length * uploadBytes) / MEBIBYTE / result.seconds,
      unit: 'MiB/s',
      failed: result.failed.size,
      failure: result.failure,
    },
    { name: `${name}: most memory of the server (PSS)`, value: most.server / MEBIBYTE, unit: 'MiB' },
    { name: `${name}: memory of the server before`, value: before.server / MEBIBYTE, unit: 'MiB' },
    { name: `${name}: most memory of the whole cloud`, value: most.all / MEBIBYTE, unit: 'MiB' },
  )
  await bench.must({ method: 'DELETE', path: `${base}/${container}?delimiter=/` })
}

/** Sends only what the cloud lacks, by lists of hashes, and counts what travels. */
export async function measureKnownBlocks(bench: Bench): Promise<void> {
  const { base, inside, scale, tell } = bench
  if (!inside) return tell('uploads by lists of hashes are only measured in a cloud of its own')
  const container = bench.unique('hashes')
  await bench.must({ method: 'PUT', path: `${base}/${container}` })
  const count = Math.ceil(scale.uploadBytes / BLOCK_BYTES)
  const first = Array.from({ length: count }, block)
  const path = `${base}/${container}/file`
  tell(`a file of ${(count * BLOCK_BYTES) / MEBIBYTE} MiB, by its hashes`)
  const all = await upload(bench, path, first)
  const changed = [...first]
  changed[Math.floor(count / 2)] = block()
  const again = await upload(bench, path, changed)
  bench.rows.push(
    { name: 'hash-list upload, nothing known: sent', value: all.sentBytes / MEBIBYTE, unit: 'MiB' },
    { name: 'hash-list upload, one block changed: sent', value: again.sentBytes / MEBIBYTE, unit: 'MiB' },
    { name: 'hash-list upload, one block changed: took', value: again.millis, unit: 'ms' },
  )

  const other = await inside.addPerson()
  await bench.must({ method: 'POST', path: `${path}?update`, headers: { 'X-Object-Sharing': `read=${other.account}` } })
  const theirs = new URL(other.url).pathname
  const asOther = { ...bench, base: theirs, headers: { 'X-Auth-Token': other.token } }
  await bench.must({ method: 'PUT', path: `${theirs}/mine`, headers: asOther.headers })
  const second = await upload(asOther, `${theirs}/mine/file`, changed)
  bench.rows.push(
    { name: 'upload of a file that another person shares: blocks sent', value: second.blocks, unit: '' },
    { name: 'upload of a file that another person shares: sent with the list', value: second.sentBytes / MEBIBYTE, unit: 'MiB' },
  )
}

/** A block is made again when it is sent: a file of a gibibyte needs no memory. */
interface Block {
  hash: string
  data(): Buffer
}

function block(): Block {
  const seed = noise(64)
  const data = () => {
    const bytes = createHash('shake256', { outputLength: BLOCK_BYTES }).update(seed).digest()
    bytes[BLOCK_BYTES - 1]! |= 1 // zeros at the end would not count in the name of the block
    return bytes
  }
  return { hash: createHash('sha256').update(data()).digest('hex'), data }
}

async function upload({ origin, headers }: Pick<Bench, 'origin' | 'headers'>, path: string, blocks: readonly Block[]) {
  const connection = openLoadConnection(origin)
  const began = performance.now()
  const list = Buffer.from(JSON.stringify({ bytes: blocks.length * BLOCK_BYTES, hashes: blocks.map(({ hash }) => hash) }))
  const put = () =>
    connection.ask({
      method: 'PUT',
      path: `${path}?hashmap&format=json`,
      headers: { ...headers, ...BYTES },
      body: list,
      keep: true,
    })
  let answer = await put()
  let sent = 0
  if (answer.status === 409) {
    const container = path.slice(0, path.lastIndexOf('/'))
    for (const hash of JSON.parse(answer.body.toString()) as string[]) {
      const body = blocks.find((each) => each.hash === hash)!.data()
      const posted = await connection.ask({
        method: 'POST',
        path: `${container}?update&format=json`,
        headers: { ...headers, ...BYTES },
        body,
      })
      if (posted.status !== 202) throw new Error(`a block was answered ${posted.status}`)
      sent += 1
    }
    answer = await put()
  }
  connection.close()
  if (answer.status !== 201) throw new Error(`a list of hashes was answered ${answer.status}: ${answer.body.toString()}`)
  return { sentBytes: connection.sentBytes(), blocks: sent, millis: performance.now() - began }
}
