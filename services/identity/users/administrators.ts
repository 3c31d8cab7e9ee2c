import type { Tx } from '@synnefo/lib/sql'
import { type Identity, personChanged } from '../identity.ts'
import { joinGroup, leaveGroup } from '../store/groups.ts'
import { type UserRow, updateUser } from '../store/users.ts'

/** Administrators are the members of this group. */
export const ADMINISTRATORS = 'admin'

type Person = Pick<UserRow, 'id' | 'uuid'>

export async function makeAdmin(identity: Identity, tx: Tx, { id, uuid }: Person): Promise<void> {
  await joinGroup(tx, id, ADMINISTRATORS)
  await updateUser(tx, id, { isSuperuser: true })
  personChanged(tx, uuid, identity)
}

export async function unmakeAdmin(identity: Identity, tx: Tx, { id, uuid }: Person): Promise<void> {
  await leaveGroup(tx, id, ADMINISTRATORS)
  await updateUser(tx, id, { isSuperuser: false })
  personChanged(tx, uuid, identity)
}
