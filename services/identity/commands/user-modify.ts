import { flag, option, optionalArgument, repeated, type Terminal, tuples, UsageError } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import { disableFactors } from '../factors/change.ts'
import { type Identity, personChanged } from '../identity.ts'
import { programActor } from '../projects/actor.ts'
import { setDefaultProject } from '../projects/default-project.ts'
import { modifyProject, modifySystemProjects } from '../projects/modify.ts'
import { groupExists, joinGroup, leaveGroup } from '../store/groups.ts'
import type { Limits } from '../store/projects.ts'
import { type UserRow, updateUser } from '../store/users.ts'
import { signTerms } from '../terms/terms.ts'
import { renewClassicToken } from '../tokens/tokens.ts'
import { makeAdmin, unmakeAdmin } from '../users/administrators.ts'
import { checkEmail } from '../users/create.ts'
import { setEmail } from '../users/email-change.ts'
import { acceptUser, activateUser, deactivateUser, lockPerson, rejectUser, removeUser, verifyUser } from '../users/lifecycle.ts'
import { hashPassword } from '../users/password-hash.ts'
import { checkNewPassword, generatePassword, setPassword } from '../users/passwords.ts'
import { defineCommand, findPerson, noteCommand, readQuantity } from './define.ts'
import { describe } from './user-show.ts'

const readCount = (word: string) => {
  if (!/^\d{1,9}$/.test(word)) throw new Fault('badRequest', `'${word}' is no number`)
  return Number(word)
}

export const userModify = defineCommand({
  name: 'user-modify',
  summary: 'Change an account',
  description: 'What is asked for is done in the order of this list, all of it or, when a step is refused, nothing.',
  input: {
    user: optionalArgument('id, e-mail address or uuid'),
    setAdmin: flag('make an administrator'),
    setNoadmin: flag('make no administrator any more'),
    reject: flag('do not let in'),
    rejectReason: option('why', { placeholder: 'text' }),
    verify: flag('take the address as verified, as if the link in the mail was followed'),
    accept: flag('let in, with the usual mails'),
    setDefaultProject: option('project that pays when none is named', { placeholder: 'uuid' }),
    setActive: flag('activate'),
    setInactive: flag('deactivate: sessions end, what is owned is suspended'),
    inactiveReason: option('why', { placeholder: 'text' }),
    invitations: option('invitations left', { read: readCount, placeholder: 'number' }),
    addGroup: repeated('join a group', { placeholder: 'name' }),
    deleteGroup: repeated('leave a group', { placeholder: 'name' }),
    addPermission: repeated('give a permission', { placeholder: 'name' }),
    deletePermission: repeated('take a permission away', { placeholder: 'name' }),
    level: option('invitation level', { read: readCount, placeholder: 'number' }),
    password: option('new password'),
    renewPassword: flag('make up a new password and show it'),
    renewToken: flag('renew the classic token; the old one ends'),
    disableFactors: flag('remove the authenticator app, passkeys and recovery codes of somebody who lost them'),
    signTerms: flag('take the terms of service as signed'),
    delete: flag('remove an account that was never let in'),
    setEmail: option('new e-mail address, of an inactive account', { placeholder: 'address' }),
    force: flag('do not ask before deleting', { short: 'f', aliases: ['no-confirm'] }),
    // As guides for older releases have it; project-modify does the same, and more.
    baseQuota: tuples("what the person's system project grants of a resource", {
      words: ['resource', 'limit'],
      aliases: ['set-base-quota'],
    }),
    all: flag('with --base-quota: of all people', { hidden: true }),
    exclude: option('with --all: but these', { placeholder: 'uuid,uuid', hidden: true }),
  },
  async run({ identity, terminal }, input) {
    const limits = readBaseQuota(input.baseQuota)
    if (input.all) return changeAll(identity, terminal, input, limits)
    if (input.user === undefined) throw new UsageError('Name the account to change')
    const found = await findPerson(identity.db, input.user)
    const { id, email } = found
    if (input.delete) {
      const { force } = input
      if (!force) terminal.record(await describe(identity, found))
      await terminal.insist(`Are you sure you want to delete the account ${email}?`, { force, refusal: 'Aborting deletion' })
    }
    // A renewed password comes after a given one, and so is the one that counts.
    const password = input.renewPassword ? generatePassword() : input.password
    if (password !== undefined) checkNewPassword(identity, password)
    const passwordHash = password === undefined ? undefined : await hashPassword(password)
    const notes: string[] = []
    await identity.db.transaction(async (tx) => {
      notes.length = 0 // the transaction may run again
      const user = await lockPerson(tx, id)
      const change = { identity, tx, user, note: (text: string) => void notes.push(text) }
      await changeState(change, input)
      await changeDetails(change, input)
      if (passwordHash !== undefined) await setPassword(identity, tx, user, passwordHash)
      if (input.renewToken) await renewClassicToken(identity, tx, user)
      if (input.disableFactors) await disableFactors(identity, tx, id, 'snf-manage')
      if (input.signTerms) await signTerms(identity, tx, user)
      if (limits) await modifyProject(identity, tx, OPERATOR, user.uuid, { limits })
      await noteCommand(tx, 'user-modify', `user:${user.uuid}`, asked(input))
      if (input.delete) {
        await attempt('delete', () => removeUser(identity, tx, id))
        change.note(`Account ${user.email} deleted`)
      }
      if (input.setEmail !== undefined) await changeEmail(change, input.setEmail)
    })
    for (const text of notes) terminal.error(text)
    if (input.renewPassword) showPassword(terminal, password!)
  },
})

const OPERATOR = programActor('snf-manage')

/** Both capacities of a system project: its only member is its owner. */
function readBaseQuota(given: readonly (readonly [string, string])[]): Limits | undefined {
  if (given.length === 0) return undefined
  return Object.fromEntries(
    given.map(([resource, limit]) => [resource, { member: readQuantity(limit), project: readQuantity(limit) }]),
  )
}

async function changeAll(
  identity: Identity,
  terminal: Terminal,
  { user, exclude }: { user: string | undefined; exclude: string | undefined },
  limits: Limits | undefined,
): Promise<void> {
  if (user !== undefined) throw new UsageError('Name either one account or --all')
  if (!limits) throw new UsageError('--all goes with --base-quota')
  const except = exclude?.split(',').map((uuid) => uuid.trim()) ?? []
  const count = await identity.db.transaction((tx) => modifySystemProjects(identity, tx, OPERATOR, { limits }, except))
  terminal.error(`Changed ${count} system projects.`)
}

const showPassword = (terminal: Terminal, password: string) => terminal.line(`User's new password: ${password}`)

interface Change {
  identity: Identity
  tx: Tx
  user: UserRow
  /** Says on standard error what was done, once it is committed. */
  note(text: string): void
}

interface StateChanges {
  setAdmin: boolean
  setNoadmin: boolean
  reject: boolean
  rejectReason: string | undefined
  verify: boolean
  accept: boolean
  setDefaultProject: string | undefined
  setActive: boolean
  setInactive: boolean
  inactiveReason: string | undefined
}

async function changeState({ identity, tx, user, note }: Change, input: StateChanges): Promise<void> {
  const { id, email } = user
  if (input.setAdmin) await makeAdmin(identity, tx, user)
  if (input.setNoadmin) await unmakeAdmin(identity, tx, user)
  if (input.reject) {
    await attempt('reject', () => rejectUser(identity, tx, id, input.rejectReason ?? ''))
    note('Account rejected')
  }
  if (input.verify) note(`Account verified (${await attempt('verify', () => verifyUser(identity, tx, id))})`)
  // Verifying accepts where nobody moderates: then there is nothing left to accept.
  if (input.accept && !(input.verify && (await lockPerson(tx, id)).isActive)) {
    await attempt('accept', () => acceptUser(identity, tx, id, 'manual'))
    note('Account accepted and activated')
  }
  if (input.setDefaultProject !== undefined) {
    await setDefaultProject(identity, tx, user, input.setDefaultProject)
    note('Default project set successfully')
  }
  if (input.setActive) {
    await attempt('activate', () => activateUser(identity, tx, id))
    note(`Account ${email} activated`)
  }
  if (input.setInactive) {
    await attempt('deactivate', () => deactivateUser(identity, tx, id, input.inactiveReason ?? ''))
    note(`Account ${email} deactivated`)
  }
}

interface DetailChanges {
  invitations: number | undefined
  level: number | undefined
  addGroup: readonly string[]
  deleteGroup: readonly string[]
  addPermission: readonly string[]
  deletePermission: readonly string[]
}

async function changeDetails({ identity, tx, user, note }: Change, input: DetailChanges): Promise<void> {
  for (const name of [...input.addGroup, ...input.deleteGroup]) {
    if (!(await groupExists(tx, name))) note(`Group named ${name} does not exist`)
  }
  for (const name of input.addGroup) await joinGroup(tx, user.id, name)
  for (const name of input.deleteGroup) await leaveGroup(tx, user.id, name)
  const permissions = [...new Set([...user.permissions, ...input.addPermission])].filter(
    (name) => !input.deletePermission.includes(name),
  )
  await updateUser(tx, user.id, { permissions, invitations: input.invitations, level: input.level })
  personChanged(tx, user.uuid, identity)
}

async function changeEmail({ identity, tx, user, note }: Change, email: string): Promise<void> {
  await attempt('set the e-mail address', () => setEmail(identity, tx, user.id, email))
  note(`E-mail address set to ${checkEmail(email)}`)
}

/** A refused step is told with its name, and nothing of the whole is done. */
async function attempt<T>(step: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Fault) throw new Fault(error.kind, `Failed to ${step}: ${error.message}`, { cause: error })
    throw error
  }
}

/** What was asked for, without the password. */
function asked({ password: _, ...input }: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(input).filter(
      ([, value]) => value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0),
    ),
  )
}
