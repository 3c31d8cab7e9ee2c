// A large container in seconds, by one statement: every object has the content of one that was put as people do.
import { createHash } from 'node:crypto'
import { silentLog } from '@synnefo/lib/log'
import { openDatabase, sql } from '@synnefo/lib/sql'
import type { Bench, Inside } from './bench.ts'

/** A million rows with their indexes take minutes on a slow disk. */
const PATIENCE_MS = 1_800_000

const FIRST = 'all/dir-00000/obj-0000000'
const CONTENT = Buffer.from('seeded')

/** Puts objects named as `listedName` says into an empty container. */
export async function seedContainer(
  { base, must, headers }: Bench,
  { databaseUrl, account }: Inside,
  { container, count }: { container: string; count: number },
): Promise<void> {
  const first = { ...headers, 'Content-Type': 'application/octet-stream' }
  await must({ method: 'PUT', path: `${base}/${container}/${FIRST}`, headers: first, body: CONTENT })
  const db = openDatabase({ url: databaseUrl, log: silentLog, name: 'bench', poolSize: 1, answerWithinMillis: PATIENCE_MS })
  const hash = createHash('sha256').update(CONTENT).digest()
  try {
    await db.transaction(
      async (tx) => {
        const { id: containerId } = await tx.one<{ id: bigint }>(
          sql`SELECT id FROM object_store.containers WHERE account = ${account} AND name = ${container}`,
        )
        await tx.run(sql`
          INSERT INTO object_store.versions (container_id, name, state, uuid, map_id, hash, size_bytes, content_type, checksum, modified_by)
          SELECT ${containerId}::bigint, 'all/dir-' || lpad((n / 100)::text, 5, '0') || '/obj-' || lpad(n::text, 7, '0'), 'current',
            gen_random_uuid(), m.id, m.root, m.size_bytes, 'application/octet-stream', md5(${CONTENT}::bytea), ${account}
          FROM generate_series(1, ${count - 1}::int) AS n
          CROSS JOIN (SELECT id, root, size_bytes FROM object_store.maps WHERE root = ${hash} AND size_bytes = ${CONTENT.length} LIMIT 1) AS m`)
        await tx.run(sql`
          INSERT INTO object_store.container_changes (container_id, objects, bytes, history_versions, history_bytes)
          VALUES (${containerId}, ${count - 1}, ${(count - 1) * CONTENT.length}, 0, 0)`)
      },
      { patient: true },
    )
    await db.run(sql`VACUUM (ANALYZE) object_store.versions`)
  } finally {
    await db.close()
  }
}
