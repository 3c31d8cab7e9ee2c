import type { Tx } from '@synnefo/lib/sql'
import { syncLimits } from '../store/holdings.ts'
import { insertMembership, insertSystemProject } from '../store/projects.ts'
import type { UserRow } from '../store/users.ts'

/** Gives an accepted person a project of his own, with the same uuid, the system defaults as limits and holdings to use them. */
export async function createSystemProject(tx: Tx, { id, uuid }: Pick<UserRow, 'id' | 'uuid'>): Promise<void> {
  const project = await insertSystemProject(tx, uuid)
  await insertMembership(tx, id, project.id, 'accepted')
  await syncLimits(tx, [project.id])
}
