// Groups of people, kept by the owner of an account, to whom anybody may share objects as `owner:group`. Who is in one
// counts at once and everywhere: every query about rights asks with all names under which a person is shared with.
import { existingUsers } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import type { ObjectStore } from './open.ts'
import { listGroups, replaceGroups } from './store/groups.ts'

/** Members by name of the group. */
export type Groups = ReadonlyMap<string, readonly string[]>

/** What a request says about groups; a group without members goes. */
export interface GroupChange {
  groups: Groups
  /** Keep those that are not mentioned. */
  merge: boolean
}

/** The account is locked. Throws `badRequest`, and then nothing changes. */
export async function changeGroups(
  tx: Tx,
  { settings }: ObjectStore,
  account: string,
  { groups, merge }: GroupChange,
): Promise<void> {
  const { PITHOS_ACC_MAX_GROUPS: mostGroups, PITHOS_ACC_MAX_GROUP_MEMBERS: mostMembers } = settings
  const kept = [...groups].filter(([, members]) => members.length > 0)
  const before = merge ? await listGroups(tx, account) : []
  const names = new Set([...before.map(({ name }) => name).filter((name) => !groups.has(name)), ...kept.map(([name]) => name)])
  if (names.size > mostGroups)
    throw new Fault('badRequest', `${names.size} groups are more than the ${mostGroups} that an account may keep.`)
  for (const [name, members] of kept) {
    if (members.length > mostMembers)
      throw new Fault(
        'badRequest',
        `Group ${JSON.stringify(name)} would have ${members.length} members; ${mostMembers} are possible.`,
      )
  }
  const members = [...new Set(kept.flatMap(([, each]) => each))]
  const known = await existingUsers(tx, members)
  const stranger = members.find((member) => !known.has(member))
  if (stranger !== undefined)
    throw new Fault('badRequest', `${JSON.stringify(stranger)} is not the id of a person of this cloud.`)
  await replaceGroups(tx, account, merge ? [...groups.keys()] : undefined, kept)
}
