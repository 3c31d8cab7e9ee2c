import { Fault } from '@synnefo/lib/fault'
import type { Queryable, Tx } from '@synnefo/lib/sql'
import { audit } from '../audit.ts'
import { type Identity, personChanged } from '../identity.ts'
import { hashSecret, newSecret } from '../secrets.ts'
import { deleteOnlineGrants } from '../store/oauth2-grants.ts'
import {
  deleteSession,
  deleteSessionOf,
  deleteSessionsOf,
  insertSession,
  type SessionRow,
  sessionsOf,
} from '../store/sessions.ts'
import { classicTokenOf } from '../store/tokens.ts'
import type { UserRow } from '../store/users.ts'
import type { Principal } from '../tokens/authenticate.ts'
import { renewClassicToken } from '../tokens/tokens.ts'

/** Where a request comes from, as far as it says. */
export interface Origin {
  address: string
  userAgent: string
}

export interface NewSession {
  /** For the cookie; only its hash is stored. */
  secret: string
  expiresAt: Date
}

const HOUR_MS = 3_600_000

/**
 * Starts a browser session. It ends with the person's classic token, which is renewed first when it has expired, or
 * when its own life is over.
 */
export async function startSession(
  identity: Identity,
  tx: Tx,
  user: Pick<UserRow, 'id' | 'uuid'>,
  { address, userAgent, method }: Origin & { method: string },
): Promise<NewSession> {
  const token = await classicTokenOf(tx, user.id)
  const isGood = token?.expiresAt && token.expiresAt.getTime() > Date.now()
  const tokenEnds = isGood ? token.expiresAt! : (await renewClassicToken(identity, tx, user)).expiresAt!
  const expiresAt = new Date(Math.min(tokenEnds.getTime(), Date.now() + identity.settings.ASTAKOS_SESSION_HOURS * HOUR_MS))
  const secret = newSecret()
  await insertSession(tx, {
    userId: user.id,
    secretHash: hashSecret(secret),
    address,
    userAgent: userAgent.slice(0, 300),
    method,
    expiresAt,
  })
  return { secret, expiresAt }
}

/** Ends the session, and what programs were let have for as long as the person is here. */
export async function endSession(
  identity: Identity,
  tx: Tx,
  session: Principal,
  { address }: Pick<Origin, 'address'>,
): Promise<void> {
  if (session.sessionId !== null) await deleteSession(tx, session.sessionId)
  const target = `session:${session.sessionId}`
  await audit(tx, { service: 'identity', actor: session.uuid, action: 'session-end', target, address })
  await deleteOnlineGrants(tx, session.id)
  personChanged(tx, session.uuid, identity)
}

/** The person's sessions, newest first. */
export function listSessions({ settings }: Identity, db: Queryable, user: Pick<UserRow, 'id'>): Promise<SessionRow[]> {
  return sessionsOf(db, user.id, settings.ASTAKOS_SESSION_IDLE_HOURS)
}

/** Ends one of the person's sessions, at once and everywhere. */
export async function endSessionOf(identity: Identity, tx: Tx, user: Pick<UserRow, 'id' | 'uuid'>, id: bigint): Promise<void> {
  if (!(await deleteSessionOf(tx, user.id, id))) throw new Fault('itemNotFound', `There is no session ${id}`)
  await deleteOnlineGrants(tx, user.id)
  personChanged(tx, user.uuid, identity)
}

/** Ends the person's sessions, all but the one to be kept. */
export async function endOtherSessions(
  identity: Identity,
  tx: Tx,
  user: Pick<UserRow, 'id' | 'uuid'>,
  kept?: bigint,
): Promise<void> {
  await deleteSessionsOf(tx, user.id, kept)
  await deleteOnlineGrants(tx, user.id)
  personChanged(tx, user.uuid, identity)
}
