// How long a page of a listing takes, by the size of the container and by what is asked of it: more kinds than
// `./synnefo bench object` measures, and without a cloud. Fills a database of its own by SQL:
//   node services/object-store/bench/listing-pages.ts --sizes 1000,100000,1000000 --requests 50
import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openPostgres } from '@synnefo/lib/postgres'
import { type Db, sql } from '@synnefo/lib/sql'
import { openTestCloud, type TestClient } from '../testing.ts'

const { values: options } = parseArgs({
  options: { sizes: { type: 'string', default: '1000,100000,1000000' }, requests: { type: 'string', default: '50' } },
})

/** What is asked of each container: by whom, and how. A folder holds 100 objects; one in 1000 objects is marked. */
const QUESTIONS: readonly { name: string; query: string; who: 'owner' | 'guest' }[] = [
  { name: 'page of 1000', query: 'limit=1000', who: 'owner' },
  { name: 'page of 1000 from the middle', query: 'limit=1000&marker=dir-MIDDLE', who: 'owner' },
  { name: 'ten folders', query: 'limit=10&delimiter=/', who: 'owner' },
  { name: 'all folders, 1000 at most', query: 'limit=1000&delimiter=/', who: 'owner' },
  { name: 'one folder', query: 'prefix=dir-00001/&delimiter=/', who: 'owner' },
  { name: 'page of 10', query: 'limit=10', who: 'owner' },
  { name: 'page of 1000, three objects marked', query: 'limit=1000&meta=Marked=three', who: 'owner' },
  { name: 'page of 1000, a moment ago', query: 'limit=1000&until=4000000000', who: 'owner' },
  { name: 'page of 1000, to a guest of one folder', query: 'limit=1000', who: 'guest' },
  { name: 'names only, 1000', query: 'limit=1000&format=text', who: 'owner' },
]

/** As many objects as asked for, in folders of a hundred. */
async function fill(db: Db, account: string, guest: string, objects: number): Promise<void> {
  const { id } = await db.one<{ id: bigint }>(sql`
    INSERT INTO object_store.containers (account, name, quota_bytes, versioning, project)
    VALUES (${account}, ${`list-${objects}`}, 0, 'auto', ${account}) RETURNING id`)
  for (let from = 0; from < objects; from += 20_000) {
    await db.run(sql`
      INSERT INTO object_store.versions (container_id, name, state, uuid, hash, size_bytes, content_type, modified_by, metadata)
      SELECT ${id}::bigint, 'dir-' || lpad((i / 100)::text, 5, '0') || '/obj-' || lpad(i::text, 7, '0'), 'current',
        gen_random_uuid(), sha256(i::text::bytea), 4096, 'application/octet-stream', ${account},
        CASE WHEN i < 3 THEN '{"X-Object-Meta-Marked": "three"}'::jsonb WHEN i % 1000 = 0 THEN '{"X-Object-Meta-Marked": "more"}' ELSE '{}' END
      FROM generate_series(${from}::int, ${Math.min(objects, from + 20_000) - 1}::int) AS i`)
  }
  await db.run(sql`
    INSERT INTO object_store.container_statistics (container_id, objects, bytes, changed_at)
    VALUES (${id}, ${objects}, ${4096 * objects}, now())`)
  await db.run(sql`
    INSERT INTO object_store.versions (container_id, name, state, uuid, size_bytes, content_type, modified_by)
    VALUES (${id}, 'dir-00005', 'current', gen_random_uuid(), 0, 'application/directory', ${account})`)
  await db.run(sql`INSERT INTO object_store.permissions VALUES (${id}, 'dir-00005', ${guest}, 'read')`)
}

const agent = new Agent({ keepAlive: true })

function get(url: string, { token }: TestClient, account: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}/pithos/object-store/v1/${account}/${path}`,
      { agent, headers: { 'X-Auth-Token': token } },
      (answer) => {
        let bytes = 0
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length
        })
        answer.on('end', () => (answer.statusCode! < 300 ? resolve(bytes) : reject(new Error(`${path}: ${answer.statusCode}`))))
      },
    )
    sent.on('error', reject)
    sent.end()
  })
}

/** The middle of so many requests, in milliseconds. */
async function median(count: number, work: () => Promise<unknown>): Promise<number> {
  for (let i = 0; i < 10; i += 1) await work() // statements are planned, code is compiled
  const times: number[] = []
  for (let i = 0; i < count; i += 1) {
    const began = performance.now()
    await work()
    times.push(performance.now() - began)
  }
  return times.sort((a, b) => a - b)[Math.floor(count / 2)]!
}

const closing: (() => void | Promise<void>)[] = []
const folder = await mkdtemp(join(tmpdir(), 'synnefo-bench-'))
await chmod(folder, 0o755)
const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
const { prepared, close } = await openPostgres({
  folder: join(folder, 'postgres'),
  socketFolder: join(folder, 'run'),
  ...(process.getuid?.() === 0 ? { user: { uid: id('-u'), gid: id('-g') } } : {}), // PostgreSQL refuses to run as root
  settings: { fsync: 'off', synchronous_commit: 'off', shared_buffers: '512MB' },
})
try {
  process.env['SYNNEFO_TEST_DATABASE_URL'] = prepared.adminUrl
  const { db, url, user } = await openTestCloud((work) => closing.push(work))
  const [owner, guest] = [await user(), await user()]
  await get(url, owner, owner.userId, '') // makes the account
  const sizes = options.sizes.split(',').map(Number)
  for (const size of sizes) await fill(db, owner.userId, guest.userId, size)
  await db.run(sql`VACUUM ANALYZE object_store.versions`)
  console.log(
    ['ms', ...sizes.map(String), 'last / first'].map((text, i) => (i === 0 ? text.padEnd(42) : text.padStart(12))).join(''),
  )
  for (const { name, query, who } of QUESTIONS) {
    const row: number[] = []
    for (const size of sizes) {
      const path = `list-${size}?format=json&${query.replace('MIDDLE', String(size / 200).padStart(5, '0'))}`
      row.push(await median(Number(options.requests), () => get(url, who === 'owner' ? owner : guest, owner.userId, path)))
    }
    const figures = [...row.map((ms) => ms.toFixed(2)), (row.at(-1)! / row[0]!).toFixed(2)]
    console.log(name.padEnd(42) + figures.map((text) => text.padStart(12)).join(''))
  }
} finally {
  agent.destroy()
  for (const work of closing.reverse()) await work()
  await close()
  await rm(folder, { recursive: true, force: true })
}
