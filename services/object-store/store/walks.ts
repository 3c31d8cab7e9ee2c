// Walks through all blocks, of which one process at a time does a stretch and leaves word how far it came.
import { type Queryable, sql } from '@synnefo/lib/sql'

/** A walker that says nothing for this long is taken to be gone. */
const LEASE = sql`interval '5 minutes'`

export interface Walk {
  name: string
  lease: string
}

export interface Stretch {
  /** The block after which to go on; empty at the beginning. */
  position: string
  beganAt: Date
}

/** Goes on with a walk, or begins the next one when the last one began that long ago. Undefined when there is nothing to do, or somebody else does it. */
export function takeWalk(q: Queryable, { name, lease }: Walk, everySeconds: number) {
  return q.maybeOne<Stretch>(sql`
    INSERT INTO object_store.walks AS w (name, lease, leased_until) VALUES (${name}, ${lease}::uuid, now() + ${LEASE})
    ON CONFLICT (name) DO UPDATE SET
      lease = excluded.lease, leased_until = excluded.leased_until, ended_at = NULL,
      position = CASE WHEN w.ended_at IS NULL THEN w.position ELSE '' END,
      began_at = CASE WHEN w.ended_at IS NULL THEN w.began_at ELSE now() END
    WHERE w.leased_until <= now() AND (w.ended_at IS NULL OR w.began_at <= now() - make_interval(secs => ${everySeconds}))
    RETURNING position, began_at AS "beganAt"`)
}

/** Leaves word of how far the walk came. False when somebody else took it over meanwhile. */
export async function moveWalk(q: Queryable, { name, lease }: Walk, position: string): Promise<boolean> {
  const moved = await q.run(sql`
    UPDATE object_store.walks SET position = ${position}, leased_until = now() + ${LEASE}
    WHERE name = ${name} AND lease = ${lease}::uuid`)
  return moved > 0
}

/** Lets others go on from here. */
export function leaveWalk(q: Queryable, { name, lease }: Walk, { ended }: { ended: boolean }) {
  return q.run(sql`
    UPDATE object_store.walks SET leased_until = now(), ended_at = CASE WHEN ${ended} THEN now() END
    WHERE name = ${name} AND lease = ${lease}::uuid`)
}
