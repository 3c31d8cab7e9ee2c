// Who is calling. A token or session is looked up by the hash of its secret in one indexed query, shared by those who
// ask at the same time, that answers all there is to know of the person; the answer is remembered for a moment, and forgotten at once when it is announced
// that something about the person changed.
import { Fault } from '@synnefo/lib/fault'
import { type Db, openTogether } from '@synnefo/lib/sql'
import { hashSecret, type Keys } from '../secrets.ts'
import type { IdentitySettings } from '../settings/index.ts'
import { noteSeen } from '../store/sessions.ts'
import { noteTokenUse, type PrincipalRow, principalOfSession, principalsOfTokens } from '../store/tokens.ts'

/** Who is behind a token or session, with everything that answers need. */
export type Principal = PrincipalRow

/** Announcements forget at once; this bounds what a lost one costs. */
const REMEMBERED_MS = 5_000
const REMEMBERED_AT_MOST = 20_000

/** When a token was last used is told to this precision, and written this long after. */
const USE_PRECISION_MS = 60_000
const USE_NOTED_EVERY_MS = 5_000

/** How long a service may take to look at the token that stands for a session in one request. */
const SESSION_TOKEN_MS = 60_000

/** When a session was last seen is noted this coarsely, so that reading does not write each time. */
const SEEN_MINUTES = 5

export interface Authenticator {
  /** The person behind an API token, or behind the short-lived token of a session. Throws `unauthorized`. */
  authenticate(token: string | undefined): Promise<Principal>
  /** The person behind a browser session, or undefined when it has ended. */
  findSession(cookie: string): Promise<Principal | undefined>
  /** A short-lived token that stands for the session, for the service behind the gateway. */
  sessionToken(cookie: string): string
  /** Forgets these people (everybody, when none is named) and looks again at what is watched. */
  forget(uuids: readonly string[]): void
  /** Calls once when the token stops being valid: revoked, expired, its session ended, its owner made inactive. */
  watch(token: string, onEnd: () => void): () => void
  /** Writes down which tokens were used since it was last done. */
  noteUse(): Promise<void>
  close(): Promise<void>
}

type Lookup = (secretHash: Buffer) => Promise<PrincipalRow | undefined>

interface Remembered {
  principal: Principal
  until: number
}

export function openAuthenticator(db: Db, keys: Keys, settings: IdentitySettings): Authenticator {
  const idleHours = settings.ASTAKOS_SESSION_IDLE_HOURS
  const remembered = new Map<string, Remembered>()
  const underWay = new Map<string, Promise<PrincipalRow | undefined>>()
  const watched = new Set<{ token: string; onEnd: () => void }>()
  const used = new Set<bigint>()
  /** Grows with every `forget`: what was asked before is not remembered after. */
  let epoch = 0

  // Many people at once are one question: most of its cost is the asking.
  const findPrincipal = openTogether<Buffer, PrincipalRow | undefined>({
    atMost: 100,
    work: async (hashes) => {
      const found = new Map<number, PrincipalRow>()
      for (const { place, ...principal } of await principalsOfTokens(db, hashes)) found.set(place, principal)
      return hashes.map((_, at) => ({ status: 'fulfilled', value: found.get(at + 1) }))
    },
  })

  async function find(kind: 'token' | 'session', secret: string, lookup: Lookup): Promise<Principal | undefined> {
    const hash = hashSecret(secret)
    const key = `${kind}:${hash.toString('base64')}`
    const known = remembered.get(key)
    if (known && known.until > Date.now()) return known.principal
    let asking = underWay.get(key)
    if (!asking) {
      const askedAt = epoch
      asking = lookup(hash).then((principal) => {
        if (principal && askedAt === epoch) remember(key, principal)
        return principal
      })
      underWay.set(key, asking)
      const done = () => {
        if (underWay.get(key) === asking) underWay.delete(key)
      }
      asking.then(done, done)
    }
    return asking
  }

  function remember(key: string, principal: Principal) {
    remembered.delete(key)
    if (remembered.size >= REMEMBERED_AT_MOST) {
      const [oldest] = remembered.keys()
      remembered.delete(oldest!)
    }
    remembered.set(key, { principal, until: Date.now() + REMEMBERED_MS })
  }

  const findToken = (token: string) => find('token', token, findPrincipal)
  const findCookie = (cookie: string) => find('session', cookie, (hash) => principalOfSession(db, hash, idleHours))

  /** The session is used, by a person and not only watched. */
  function seen(principal: Principal) {
    const { sessionId, lastSeenAt } = principal
    if (sessionId === null || lastSeenAt === null || Date.now() - lastSeenAt.getTime() < SEEN_MINUTES * 60_000) return
    principal.lastSeenAt = new Date() // what is remembered is not noted again
    noteSeen(db, sessionId, SEEN_MINUTES).catch(() => undefined) // the next request notes it
  }

  async function authenticate(token: string | undefined): Promise<Principal> {
    if (!token) throw new Fault('unauthorized', 'Access denied. No authentication token')
    const cookie = cookieIn(token)
    const principal = cookie === undefined ? await findToken(token) : await findCookie(cookie)
    if (!principal) throw new Fault('unauthorized', 'Invalid X-Auth-Token')
    if (!principal.isActive) throw new Fault('unauthorized', 'User inactive')
    if (isExpired(principal)) throw new Fault('unauthorized', 'Authentication expired')
    if (!principal.hasSignedTerms) throw new Fault('unauthorized', 'Pending approval terms')
    if (principal.tokenId !== null && isStale(principal.lastUsedAt)) used.add(principal.tokenId)
    seen(principal)
    return principal
  }

  /** The cookie inside a session's token; undefined for an API token, which has no dots. */
  function cookieIn(token: string): string | undefined {
    const parts = /^s\.([A-Za-z0-9_-]+)\.(\d+)\.([A-Za-z0-9_-]+)$/.exec(token)
    if (!parts) return undefined
    const [, cookie, until, signature] = parts
    if (!keys.isSigned(`session ${cookie} ${until}`, signature!)) throw new Fault('unauthorized', 'Invalid X-Auth-Token')
    if (Number(until) < Date.now()) throw new Fault('unauthorized', 'Authentication expired')
    return cookie
  }

  /** Whether the token is still good, whatever the age of a session's short-lived one: what counts is the session. */
  async function stillValid(token: string): Promise<boolean> {
    const cookie = /^s\.([A-Za-z0-9_-]+)\./.exec(token)?.[1]
    const principal = cookie === undefined ? await findToken(token) : await findCookie(cookie)
    return principal !== undefined && isGood(principal)
  }

  async function checkWatched() {
    for (const watch of watched) {
      const valid = await stillValid(watch.token).catch(() => true) // the database will be back
      if (!valid && watched.delete(watch)) watch.onEnd()
    }
  }
  const checking = setInterval(() => void checkWatched(), 30_000).unref()

  async function noteUse() {
    if (used.size === 0) return
    const ids = [...used]
    used.clear()
    await noteTokenUse(db, ids)
  }
  // A use that is not noted because the database is away is no loss: tokens in use are used again.
  const noting = setInterval(() => void noteUse().catch(() => {}), USE_NOTED_EVERY_MS).unref()

  return {
    authenticate,
    async findSession(cookie) {
      const principal = await findCookie(cookie)
      if (!principal || !isGood(principal)) return undefined
      seen(principal)
      return principal
    },
    sessionToken(cookie) {
      const until = Date.now() + SESSION_TOKEN_MS
      return `s.${cookie}.${until}.${keys.sign(`session ${cookie} ${until}`)}`
    },
    forget(uuids) {
      epoch += 1
      underWay.clear()
      if (uuids.length === 0) remembered.clear()
      else for (const [key, { principal }] of remembered) if (uuids.includes(principal.uuid)) remembered.delete(key)
      if (watched.size > 0) void checkWatched()
    },
    watch(token, onEnd) {
      const watch = { token, onEnd }
      watched.add(watch)
      return () => void watched.delete(watch)
    },
    noteUse,
    async close() {
      clearInterval(checking)
      clearInterval(noting)
      await noteUse().catch(() => {})
    },
  }
}

const isExpired = ({ expiresAt }: Principal) => expiresAt !== null && expiresAt.getTime() <= Date.now()

const isStale = (lastUsedAt: Date | null) => lastUsedAt === null || lastUsedAt.getTime() < Date.now() - USE_PRECISION_MS

const isGood = (principal: Principal) => principal.isActive && !isExpired(principal)
