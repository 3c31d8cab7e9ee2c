// Accounts that database tools made superusers, or that were imported as such: whatever else an account has is missing.
import type { Tx } from '@synnefo/lib/sql'
import type { Identity } from '../identity.ts'
import { createSystemProject } from '../projects/system-projects.ts'
import { linkAuthProvider } from '../store/auth-providers.ts'
import { joinGroup } from '../store/groups.ts'
import { findProjectByUuid } from '../store/projects.ts'
import { incompleteSuperusers, type SuperuserRow } from '../store/superusers.ts'
import { showClassicToken } from '../tokens/tokens.ts'
import { makeAdmin } from './administrators.ts'
import { admitUser } from './lifecycle.ts'

/** Gives every superuser what is missing to be a person of this cloud; answers whom. One who was shut out stays so. */
export async function fixSuperusers(identity: Identity, tx: Tx): Promise<SuperuserRow[]> {
  const incomplete = await incompleteSuperusers(tx)
  for (const user of incomplete) {
    await joinGroup(tx, user.id, 'default')
    await makeAdmin(identity, tx, user)
    if (!user.hasProvider) await linkAuthProvider(tx, user.id, 'local')
    if (!user.isAccepted) await admitUser(identity, tx, user.id)
    if (!(await findProjectByUuid(tx, user.uuid))) await createSystemProject(tx, user)
    await showClassicToken(identity, tx, user)
  }
  return incomplete
}
