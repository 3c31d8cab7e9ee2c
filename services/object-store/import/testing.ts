// For tests: an installation of the original, with its tables and its files, as it would stand on a disk.
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { rootHash, stripTrailingZeros, ZERO_BLOCK } from '@synnefo/engine-blocks'
import { raw, type Sql, sql } from '@synnefo/lib/sql'
import { type OnTestFinished, openTestDatabase, temporaryFolder } from '@synnefo/lib/testing'

const TABLES = [
  'CREATE TABLE nodes (node bigint PRIMARY KEY, parent bigint NOT NULL, latest_version bigint, path varchar(2048) UNIQUE)',
  `CREATE TABLE versions (serial bigint PRIMARY KEY, node bigint NOT NULL, hash varchar(256), size bigint DEFAULT 0 NOT NULL,
    type varchar(256) DEFAULT '' NOT NULL, source bigint, mtime decimal(16, 6), muser varchar(256) DEFAULT '' NOT NULL,
    uuid varchar(64) DEFAULT '' NOT NULL, checksum varchar(256) DEFAULT '' NOT NULL, cluster integer DEFAULT 0 NOT NULL,
    available integer DEFAULT 1 NOT NULL, map_check_timestamp decimal(16, 6), mapfile varchar(256), is_snapshot boolean DEFAULT false NOT NULL)`,
  `CREATE TABLE attributes (serial bigint, domain varchar(256), "key" varchar(128), value varchar(256), node bigint,
    is_latest boolean, PRIMARY KEY (serial, domain, "key"))`,
  'CREATE TABLE policy (node bigint, "key" varchar(128), value varchar(256), PRIMARY KEY (node, "key"))',
  'CREATE TABLE statistics (node bigint, cluster integer, population bigint, size bigint, mtime decimal(16, 6))',
  'CREATE TABLE xfeatures (feature_id integer PRIMARY KEY, path varchar(2048))',
  'CREATE TABLE xfeaturevals (feature_id integer, "key" integer, value varchar(256), PRIMARY KEY (feature_id, "key", value))',
  'CREATE TABLE groups (owner varchar(256), name varchar(256), member varchar(256), PRIMARY KEY (owner, name, member))',
  'CREATE TABLE public (public_id integer PRIMARY KEY, path varchar(2048) UNIQUE, active boolean NOT NULL, url varchar(2048) UNIQUE)',
  'CREATE TABLE qh_serials (serial bigint PRIMARY KEY)',
  'CREATE TABLE config ("key" varchar(256) PRIMARY KEY, value varchar(256))',
]

export interface NewOriginalVersion {
  data?: Buffer
  /** Of a map that is there already, with its size. */
  map?: { name: string; hash: string | null; size: number }
  deleted?: boolean
  type?: string
  muser?: string
  uuid?: string
  /** By domain. */
  attributes?: Record<string, Record<string, string>>
  available?: number
  isSnapshot?: boolean
}

export interface FakeOriginal {
  /** What `--database` takes. */
  database: string
  data: string
  run(query: Sql): Promise<unknown>
  /** Makes the path if it is not there, and a new version of it, which is the current one. Answers its number. */
  put(path: string, version?: NewOriginalVersion): Promise<number>
  policy(path: string, policies: Record<string, string>): Promise<void>
  share(path: string, access: 'read' | 'write', ...subjects: string[]): Promise<void>
  publish(path: string, url: string): Promise<void>
  /** Writes blocks and map. `plain` is how the oldest releases did it. */
  store(data: Buffer, format?: 'plain' | 'current'): Promise<{ name: string; hash: string; size: number }>
  /** Writes a map of these entries; a name that begins with `archip` or `snf` is of a volume. */
  storeMap(name: string, entries: readonly string[], size: number): Promise<void>
  storeBlock(name: string, content: Buffer, format?: 'plain' | 'current'): Promise<string>
  removeBlock(name: string): Promise<void>
  blockPath(name: string, format?: 'plain' | 'current'): string
}

/** The time of the version of this number, with all digits that the original kept. */
export const timeOf = (serial: number) => `${1_400_000_000 + serial * 60}.${String(123_000 + serial).padStart(6, '0')}`

export async function openFakeOriginal(
  onTestFinished: OnTestFinished,
  { blockSizeBytes, sqlite = false }: { blockSizeBytes: number; sqlite?: boolean },
): Promise<FakeOriginal> {
  const data = await temporaryFolder(onTestFinished)
  const { run, any, database } = sqlite ? openFile(onTestFinished, join(data, 'pithos.db')) : await openServer(onTestFinished)
  for (const table of TABLES) await run(sql`${raw(table)}`)
  await run(sql`INSERT INTO nodes (node, parent, path) VALUES (0, 0, '')`)
  const blocks = join(data, 'blocks')
  const maps = join(data, 'maps')
  let nodes = 0
  let serials = 0
  let features = 0
  let mapNumber = 0

  async function nodeOf(path: string): Promise<number> {
    const [found] = await any<{ node: bigint | number }>(sql`SELECT node FROM nodes WHERE path = ${path}`)
    if (found) return Number(found.node)
    const above = path.includes('/') ? path.split('/').slice(0, path.split('/').length > 2 ? 2 : 1) : []
    const parent = above.length > 0 ? await nodeOf(above.join('/')) : 0
    nodes += 1
    const node = nodes
    await run(sql`INSERT INTO nodes (node, parent, path) VALUES (${node}, ${parent}, ${path})`)
    if (path.split('/').length < 3) await addVersion(node, {})
    return node
  }

  async function addVersion(
    node: number,
    version: NewOriginalVersion,
    map?: { name: string; hash: string | null; size: number },
  ) {
    serials += 1
    const serial = serials
    const { deleted = false, type = '', muser = 'somebody', uuid = randomUUID(), available = 1, isSnapshot = false } = version
    await run(sql`UPDATE versions SET cluster = 1 WHERE node = ${node} AND cluster = 0`)
    await run(sql`
      INSERT INTO versions (serial, node, hash, size, type, mtime, muser, uuid, checksum, cluster, available, mapfile, is_snapshot)
      VALUES (${serial}, ${node}, ${map?.hash ?? null}, ${map?.size ?? 0}, ${type}, ${raw(timeOf(serial))}, ${muser}, ${uuid}, '',
        ${deleted ? 2 : 0}, ${available}, ${map?.name ?? null}, ${raw(String(isSnapshot))})`)
    for (const [domain, items] of Object.entries(version.attributes ?? {}))
      for (const [key, value] of Object.entries(items))
        await run(sql`INSERT INTO attributes (serial, domain, key, value) VALUES (${serial}, ${domain}, ${key}, ${value})`)
    return serial
  }

  const hashedPath = (folder: string, name: string, plain: boolean) => {
    const digits = plain ? name : createHash('sha256').update(name).digest('hex')
    return join(folder, digits.slice(0, 2), digits.slice(2, 4), digits.slice(4, 6), name)
  }
  async function write(path: string, content: Buffer) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  }

  const original: FakeOriginal = {
    database,
    data,
    run,
    async put(path, version = {}) {
      const node = await nodeOf(path)
      const { data: content } = version
      const map = version.map ?? (content && content.length > 0 ? await original.store(content) : undefined)
      return addVersion(node, version, map ?? (version.deleted ? undefined : { name: '', hash: ZERO_BLOCK, size: 0 }))
    },
    async policy(path, policies) {
      const node = await nodeOf(path)
      for (const [key, value] of Object.entries(policies)) {
        await run(sql`DELETE FROM policy WHERE node = ${node} AND key = ${key}`)
        await run(sql`INSERT INTO policy (node, key, value) VALUES (${node}, ${key}, ${value})`)
      }
    },
    async share(path, access, ...subjects) {
      features += 1
      await run(sql`INSERT INTO xfeatures (feature_id, path) VALUES (${features}, ${path})`)
      for (const subject of subjects)
        await run(
          sql`INSERT INTO xfeaturevals (feature_id, key, value) VALUES (${features}, ${access === 'write' ? 1 : 0}, ${subject})`,
        )
    },
    async publish(path, url) {
      features += 1
      await run(sql`INSERT INTO public (public_id, path, active, url) VALUES (${features}, ${path}, true, ${url})`)
    },
    async store(content, format = 'current') {
      const hashes: string[] = []
      for (let at = 0; at < content.length; at += blockSizeBytes) {
        const block = stripTrailingZeros(content.subarray(at, at + blockSizeBytes))
        const hash = createHash('sha256').update(block).digest('hex')
        if (hash !== ZERO_BLOCK) await original.storeBlock(hash, block, format)
        hashes.push(hash)
      }
      const hash = rootHash(hashes)
      mapNumber += 1
      const name = format === 'plain' ? hash : `snf_file_${mapNumber}`
      if (format === 'plain') await write(hashedPath(maps, hash, true), Buffer.from(hashes.join(''), 'hex'))
      else await original.storeMap(name, hashes, content.length)
      return { name, hash, size: content.length }
    },
    async storeMap(name, entries, size) {
      const header = Buffer.alloc(32)
      header.writeUInt32BE(0x414d462e, 0)
      header.writeUInt32BE(2, 4)
      header.writeBigUInt64BE(BigInt(size), 8)
      header.writeUInt32BE(blockSizeBytes, 16)
      header.writeUInt32BE(1, 20)
      await write(hashedPath(maps, name, false), header)
      const perObject = blockSizeBytes / 128
      for (let k = 0; k * perObject < entries.length; k += 1) {
        const part = entries.slice(k * perObject, (k + 1) * perObject).map((entry) => {
          const packed = Buffer.alloc(128)
          packed[0] = entry === ZERO_BLOCK ? 4 : /^(archip|snf)/.test(entry) ? 2 : 0
          packed.writeUInt32LE(entry.length, 1)
          packed.write(entry, 5, 'latin1')
          return packed
        })
        await write(hashedPath(maps, `${name}_${k.toString(16).padStart(16, '0')}`, false), Buffer.concat(part))
      }
    },
    async storeBlock(name, content, format) {
      await write(original.blockPath(name, format), content)
      return name
    },
    async removeBlock(name) {
      for (const format of ['plain', 'current'] as const) await rm(original.blockPath(name, format), { force: true })
    },
    blockPath: (name, format = 'current') => hashedPath(blocks, name, format === 'plain'),
  }
  return original
}

async function openServer(onTestFinished: OnTestFinished) {
  const db = await openTestDatabase(onTestFinished)
  return { database: db.url, run: (query: Sql) => db.run(query), any: <R>(query: Sql) => db.any<R>(query) }
}

function openFile(onTestFinished: OnTestFinished, path: string) {
  const db = new DatabaseSync(path)
  onTestFinished(() => db.close())
  const values = (query: Sql) => query.values as (string | number | null)[]
  return {
    database: `sqlite:///${path}`,
    run: async (query: Sql) => db.prepare(query.sql).run(...values(query)),
    any: async <R>(query: Sql) => db.prepare(query.sql).all(...values(query)) as R[],
  }
}
