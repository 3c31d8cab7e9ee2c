// For the tests of all services: an identity service on a fresh database, and people in it.
import { randomBytes } from 'node:crypto'
import { silentLog } from '@synnefo/lib/log'
import type { Db, Tx } from '@synnefo/lib/sql'
import { type Caller, callerOf } from './callers.ts'
import { type Identity, openIdentity } from './identity.ts'
import { registerCatalog } from './registry/register.ts'
import { type IdentitySettings, identitySettings } from './settings/index.ts'
import { ensureGroup, joinGroup } from './store/groups.ts'
import { syncLimits } from './store/holdings.ts'
import { findProjectByUuid, setProjectLimit } from './store/projects.ts'
import { findUser, findUserByUuid } from './store/users.ts'
import { issueToken, showClassicToken } from './tokens/tokens.ts'
import { createUser } from './users/create.ts'
import { admitUser } from './users/lifecycle.ts'
import { hashPassword } from './users/password-hash.ts'

export { codeOf, wrongCodeOf } from './factors/test-codes.ts'

export interface TestIdentityOptions {
  settings?: Partial<IdentitySettings>
  baseUrl?: () => string
  templateFolders?: readonly string[]
}

/** The values that settings have in a new cloud. */
export const defaultSettings = Object.fromEntries(
  Object.entries(identitySettings).map(([name, { default: value }]) => [name, value]),
) as IdentitySettings

/** Tests of forms need not solve a challenge for each; those of the challenges say so. */
const WITHOUT_WORK = { ASTAKOS_PROOF_OF_WORK_ENABLED: false }

/** The identity service on a database that has its migrations, with the catalogue registered. Close it, or hand in `onTestFinished`. */
export async function openTestIdentity(
  onTestFinished: (work: () => void | Promise<void>) => void,
  db: Db,
  { settings = {}, baseUrl = () => 'http://cloud.test', templateFolders = [] }: TestIdentityOptions = {},
): Promise<Identity> {
  const identity = await openIdentity({
    db,
    log: silentLog,
    secretKey: randomBytes(32),
    settings: { ...defaultSettings, ...WITHOUT_WORK, ...settings },
    baseUrl,
    templateFolders,
  })
  onTestFinished(() => identity.close())
  await registerCatalog(identity)
  return identity
}

export interface TestUserOptions {
  email?: string
  firstName?: string
  lastName?: string
  /** Hashing takes a moment: without a password, none is set. */
  password?: string
  /** Groups such as `admin`. */
  roles?: readonly string[]
  /** Limits of the person's own project that differ from the defaults, by resource. */
  limits?: Readonly<Record<string, bigint>>
}

export interface TestUser {
  id: bigint
  /** Also the id of the person's own project. */
  uuid: string
  email: string
  /** For X-Auth-Token. */
  token: string
  caller: Caller
}

let people = 0

/** An active person with a project of his own, quota and a token. */
export async function createTestUser(identity: Identity, options: TestUserOptions = {}): Promise<TestUser> {
  people += 1
  const {
    email = `person-${people}@example.test`,
    firstName = 'Test',
    lastName = `Person ${people}`,
    password,
    roles = [],
    limits = {},
  } = options
  const passwordHash = password === undefined ? null : await hashPassword(password)
  const { id, uuid, token } = await identity.db.transaction(async (tx) => {
    const user = await createUser(identity, tx, { email, firstName, lastName, passwordHash })
    await admitUser(identity, tx, user.id)
    for (const role of roles) {
      await ensureGroup(tx, role)
      await joinGroup(tx, user.id, role)
    }
    await setLimits(tx, user.uuid, limits)
    const { secret } = await showClassicToken(identity, tx, user)
    return { id: user.id, uuid: user.uuid, token: secret }
  })
  const caller = callerOf(await identity.authenticator.authenticate(token))
  return { id, uuid, email: (await findUser(identity.db, id))!.email, token, caller }
}

/** A named token of somebody, limited to scopes when there are any. */
export async function createTestToken(
  identity: Identity,
  uuid: string,
  options: { name?: string; scopes?: readonly string[]; expiresAt?: Date } = {},
): Promise<string> {
  const owner = await findUserByUuid(identity.db, uuid)
  return (await identity.db.transaction((tx) => issueToken(tx, owner!, { name: 'test', ...options }))).secret
}

async function setLimits(tx: Tx, uuid: string, limits: Readonly<Record<string, bigint>>) {
  const project = await findProjectByUuid(tx, uuid)
  for (const [resource, limit] of Object.entries(limits)) {
    await setProjectLimit(tx, project!.id, resource, { project: limit, member: limit })
  }
  await syncLimits(tx, [project!.id])
}
