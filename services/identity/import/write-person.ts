// Makes an account what it is in the original, in one transaction.
import { createHash } from 'node:crypto'
import { Fault } from '@synnefo/lib/fault'
import type { Queryable, Tx } from '@synnefo/lib/sql'
import { audit } from '../audit.ts'
import { type Identity, personChanged } from '../identity.ts'
import { suspendProjectsOf } from '../projects/of-person.ts'
import { createSystemProject } from '../projects/system-projects.ts'
import { hashSecret } from '../secrets.ts'
import { deleteOtherAuthProviders, holderOf, linkAuthProvider } from '../store/auth-providers.ts'
import { ensureGroup, joinGroup } from '../store/groups.ts'
import { syncLimits } from '../store/holdings.ts'
import { accountText, leaveOtherGroups, recordImport, setTimes, tokenIsTaken } from '../store/imports.ts'
import { dateOf } from '../store/original.ts'
import { findProjectByUuid, setLimits } from '../store/projects.ts'
import { listResources } from '../store/resources.ts'
import { latestTerms } from '../store/terms.ts'
import { deleteUnverified, findUserByEmail, findUserByUuid, insertUser, type UserRow, updateUser } from '../store/users.ts'
import { renewClassicToken, takeClassicToken } from '../tokens/tokens.ts'
import { ADMINISTRATORS } from '../users/administrators.ts'
import { checkEmail, checkUuid } from '../users/create.ts'
import { activateUser, deactivateUser } from '../users/lifecycle.ts'
import { canVerify } from '../users/password-hash.ts'
import { isLoginModule } from '../wire/login-modules.ts'
import type { KnownPerson } from './people.ts'

/** Of the account as it is here. */
export async function accountDigest(q: Queryable, uuid: string): Promise<Buffer> {
  return createHash('sha256')
    .update((await accountText(q, uuid)) ?? '')
    .digest()
}

/** Ends the transaction of who only wanted to know. */
class OnlyTried extends Error {}

/** Answers what could not be brought of the person; `dry`: what could not be. Throws a Fault when nothing can. */
export async function bringPerson(identity: Identity, person: KnownPerson, digest: Buffer, dry: boolean): Promise<string[]> {
  let left: string[] = []
  await identity.db
    .transaction(async (tx) => {
      left = await write(identity, tx, person)
      if (dry) throw new OnlyTried()
      const problem = left.join('; ') || null
      await recordImport(tx, { uuid: person.uuid, digest, asBrought: await accountDigest(tx, person.uuid), problem })
      await audit(tx, { service: 'identity', actor: 'snf-manage', action: 'astakos-import', target: `user:${person.uuid}` })
    })
    .catch((error) => {
      if (!(error instanceof OnlyTried)) throw error
    })
  return left
}

async function write(identity: Identity, tx: Tx, person: KnownPerson): Promise<string[]> {
  const { uuid } = person
  checkUuid(uuid)
  const email = checkEmail(person.email)
  const namesake = await findUserByEmail(tx, email)
  if (namesake?.emailVerified && namesake.uuid !== uuid)
    throw new Fault('conflict', `the address belongs to another account here, ${namesake.uuid}`)
  const left: string[] = []
  const hadPassword = !person.password.startsWith('!') && person.password !== ''
  const passwordHash = hadPassword && canVerify(person.password) ? person.password : null
  if (hadPassword && passwordHash === null)
    left.push(
      `the password is kept by ${person.password.split('$')[0]?.slice(0, 40)}, which is not known here: he sets a new one`,
    )
  await deleteUnverified(tx, email)
  const terms = await latestTerms(tx)
  const signedAt = dateOf(person.signedTermsAt)
  const signed = !terms || (person.hasSignedTerms && signedAt !== null && signedAt >= terms.issuedAt)
  const facts = {
    email,
    firstName: person.firstName,
    lastName: person.lastName,
    affiliation: person.affiliation ?? '',
    passwordHash,
    hasSignedTerms: signed,
    signedTermsAt: signed ? signedAt : null,
    level: person.level,
    invitations: person.invitations,
  }
  const user = (await findUserByUuid(tx, uuid)) ?? (await insertUser(tx, { uuid, ...facts }))
  await updateUser(tx, user.id, {
    ...facts,
    emailVerified: true,
    verifiedAt: dateOf(person.verifiedAt) ?? dateOf(person.joinedAt) ?? new Date(),
    hasSeenProfile: person.hasSeenProfile,
    isSuperuser: person.isSuperuser,
    permissions: [...person.permissions],
  })
  await setTimes(tx, user.id, person)
  await bringState(identity, tx, user, person)
  left.push(...(await bringLimits(tx, person)))
  const groups = [...new Set(['default', ...person.groups, ...(person.isSuperuser ? [ADMINISTRATORS] : [])])]
  for (const name of groups) {
    await ensureGroup(tx, name)
    await joinGroup(tx, user.id, name)
  }
  await leaveOtherGroups(tx, user.id, groups)
  left.push(...(await bringLogins(tx, user, person)))
  left.push(...(await bringToken(identity, tx, user, person)))
  personChanged(tx, uuid, identity)
  return left
}

/** Where the account is in its life. Nobody gets a mail for it. */
async function bringState(identity: Identity, tx: Tx, user: UserRow, person: KnownPerson): Promise<void> {
  const isAccepted = person.moderated && !person.isRejected
  await updateUser(tx, user.id, {
    moderated: person.moderated,
    moderatedAt: person.moderated ? (dateOf(person.moderatedAt) ?? new Date()) : null,
    acceptedPolicy: isAccepted ? (person.acceptedPolicy ?? 'manual') : null,
    acceptedEmail: isAccepted ? (person.acceptedEmail?.toLowerCase() ?? person.email.toLowerCase()) : null,
    isRejected: person.isRejected && !user.isActive,
    rejectedReason: person.isRejected ? (person.rejectedReason ?? '') : '',
  })
  if (!person.isActive && user.isActive) await deactivateUser(identity, tx, user.id, person.deactivatedReason ?? '')
  if (!isAccepted) return
  if (!(await findProjectByUuid(tx, user.uuid))) {
    await updateUser(tx, user.id, { defaultProject: user.uuid })
    await createSystemProject(tx, user)
    if (!person.isActive) {
      await updateUser(tx, user.id, { deactivatedReason: person.deactivatedReason ?? '', deactivatedAt: new Date() })
      await suspendProjectsOf(identity, tx, user.id)
    }
  }
  if (person.isActive && !user.isActive) await activateUser(identity, tx, user.id)
}

/** The limits of his own project. */
async function bringLimits(tx: Tx, { uuid, limits }: KnownPerson): Promise<string[]> {
  const project = await findProjectByUuid(tx, uuid)
  if (!project || limits.length === 0) return []
  const known = new Set((await listResources(tx)).map(({ name }) => name))
  const ours = limits.filter(({ resource }) => known.has(resource))
  const capacities = ours.map(({ resource, project: all, member }) => [resource, { project: all, member }] as const)
  await setLimits(tx, [project.id], Object.fromEntries(capacities))
  await syncLimits(tx, [project.id])
  return limits
    .filter(({ resource }) => !known.has(resource))
    .map(({ resource }) => `there is no resource ${resource} here to limit`)
}

/** What he unlinked there must not let anybody in here. */
async function bringLogins(tx: Tx, user: UserRow, { logins }: KnownPerson): Promise<string[]> {
  const left: string[] = []
  const brought: { module: string; identifier: string }[] = []
  for (const { module, identifier, affiliation, info } of logins) {
    const name = module === 'local' ? '' : (identifier ?? '')
    const holder = name === '' ? undefined : await holderOf(tx, module, name)
    if (!isLoginModule(module)) left.push(`the way to sign in ${module} is not known here`)
    else if (holder && holder.userId !== user.id) left.push(`his ${module} identity belongs to another account here`)
    else {
      await linkAuthProvider(tx, user.id, module, name, { affiliation: affiliation ?? '', info: readInfo(info) })
      brought.push({ module, identifier: name })
    }
  }
  await deleteOtherAuthProviders(tx, user.id, brought)
  return left
}

function readInfo(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text || '{}')
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** The token goes on being good for what clients have it, until it ends. */
async function bringToken(identity: Identity, tx: Tx, user: UserRow, { token, tokenEndsAt }: KnownPerson): Promise<string[]> {
  const free = token !== null && token !== '' && !(await tokenIsTaken(tx, hashSecret(token), user.id))
  if (free) await takeClassicToken(identity, tx, user, token, dateOf(tokenEndsAt))
  else await renewClassicToken(identity, tx, user)
  return free || !token ? [] : ['his token is that of somebody else here: he has a new one']
}
