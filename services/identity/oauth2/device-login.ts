// Device login (RFC 8628): a command line without a browser shows a short code, its person enters the code on a page
// where he is signed in, sees who asks for what from where, and agrees; the command line, asking now and then, gets an
// API token of its own, named, scoped and with an end.
import { Fault } from '@synnefo/lib/fault'
import { isUniqueViolation } from '@synnefo/lib/sql'
import { audit } from '../audit.ts'
import type { Identity } from '../identity.ts'
import { hashSecret, newSecret, randomFrom } from '../secrets.ts'
import type { Origin } from '../sessions/sessions.ts'
import * as store from '../store/device-logins.ts'
import { findUser } from '../store/users.ts'
import { countAgainst } from '../throttle.ts'
import type { Principal } from '../tokens/authenticate.ts'
import { readScopes } from '../tokens/scopes.ts'
import { issueToken } from '../tokens/tokens.ts'
import { DEVICE_CLIENTS } from '../wire/device-clients.ts'
import { writeScope } from '../wire/token-scopes.ts'
import { oauthFault } from './faults.ts'

const LIFE_SECONDS = 600
const INTERVAL_SECONDS = 5
const ASKED_PER_10_MINUTES = 60
/** 20 letters that cannot be taken for others, and that spell nothing: 34 bits for ten minutes, against ten guesses. */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ'
const GUESSES = 10
const GUESSES_SECONDS = 600
const DAY_MS = 86_400_000

export interface DeviceLogin {
  deviceCode: string
  userCode: string
  expiresInSeconds: number
  intervalSeconds: number
}

/** A command line asks to be let in. */
export async function askDeviceLogin(
  identity: Identity,
  { client, deviceName, scopes }: { client: string; deviceName: string | undefined; scopes: readonly string[] },
  { address }: Pick<Origin, 'address'>,
): Promise<DeviceLogin> {
  const { db } = identity
  await countAgainst(db, [
    { key: ['device login from', address], atMost: ASKED_PER_10_MINUTES, windowSeconds: 600, isRate: true },
  ])
  if (!Object.hasOwn(DEVICE_CLIENTS, client)) throw oauthFault('invalid_client', 'The client is not known for device login')
  const wanted = limitsOf(scopes)
  for (;;) {
    const deviceCode = newSecret()
    const letters = randomFrom(ALPHABET, 8)
    try {
      await store.insertDeviceLogin(db, {
        deviceCodeHash: hashSecret(deviceCode),
        userCodeMac: macOf(identity, letters),
        client,
        deviceName: (deviceName ?? client).slice(0, 100),
        scopes: wanted,
        address,
        intervalSeconds: INTERVAL_SECONDS,
        expiresAt: new Date(Date.now() + LIFE_SECONDS * 1000),
      })
    } catch (error) {
      if (isUniqueViolation(error)) continue // another login has these letters
      throw error
    }
    const userCode = `${letters.slice(0, 4)}-${letters.slice(4)}`
    return { deviceCode, userCode, expiresInSeconds: LIFE_SECONDS, intervalSeconds: INTERVAL_SECONDS }
  }
}

function limitsOf(scopes: readonly string[]): string[] {
  try {
    return readScopes(scopes)?.map(writeScope) ?? []
  } catch (error) {
    throw error instanceof Fault ? oauthFault('invalid_scope', error.message) : error
  }
}

/** However it was typed: blanks, dashes and small letters do not count. */
const lettersOf = (typed: string) => typed.toUpperCase().replace(/[^A-Z]/g, '')

const macOf = ({ keys }: Identity, letters: string) => Buffer.from(keys.sign(`device login ${letters}`), 'base64url')

/** The login that waits for a person who typed this code. Throws `itemNotFound`; guesses are counted. */
export async function findDeviceLogin(
  identity: Identity,
  person: Pick<Principal, 'uuid'>,
  typed: string,
  { address }: Pick<Origin, 'address'>,
): Promise<store.DeviceLoginRow> {
  const guesses = { atMost: GUESSES, windowSeconds: GUESSES_SECONDS }
  await countAgainst(identity.db, [
    { ...guesses, key: ['device code by', person.uuid] },
    { ...guesses, atMost: GUESSES * 5, key: ['device code from', address] },
  ])
  const login = await store.findPendingDeviceLogin(identity.db, macOf(identity, lettersOf(typed)))
  if (!login) throw new Fault('itemNotFound', 'No login waits for this code. It may have expired: start again on the device.')
  return login
}

/** The person agrees, or does not. Throws `itemNotFound` when nothing waits any more. */
export async function decideDeviceLogin(
  identity: Identity,
  person: Principal,
  typed: string,
  decision: 'approved' | 'refused',
  origin: Origin,
): Promise<store.DeviceLoginRow> {
  const login = await findDeviceLogin(identity, person, typed, origin)
  await identity.db.transaction(async (tx) => {
    if ((await store.decideDeviceLogin(tx, login.id, person.id, decision)) === 0)
      throw new Fault('itemNotFound', 'The login does not wait any more.')
    await audit(tx, {
      service: 'identity',
      actor: person.uuid,
      action: decision === 'approved' ? 'device-login-approve' : 'device-login-refuse',
      target: `user:${person.uuid}`,
      address: origin.address,
      details: { client: login.client, deviceName: login.deviceName, scopes: login.scopes, from: login.address },
    })
  })
  return login
}

export interface DeviceToken {
  secret: string
  expiresInSeconds: number
  scopes: readonly string[]
}

/** The command line asks whether it was let in, and gets its token, once. */
export async function tradeDeviceCode(
  identity: Identity,
  { client, deviceCode }: { client: string; deviceCode: string },
  { address }: Pick<Origin, 'address'>,
): Promise<DeviceToken> {
  const answer = await identity.db.transaction(async (tx) => {
    const login = await store.lockDeviceLogin(tx, hashSecret(deviceCode))
    if (!login || login.client !== client) return oauthFault('invalid_grant', 'The device code is not known, or was used')
    if (login.expiresAt.getTime() <= Date.now()) return oauthFault('expired_token', 'The device code has expired')
    if (login.state === 'pending') {
      const early = login.askedAt !== null && Date.now() - login.askedAt.getTime() < login.intervalSeconds * 1000
      await store.noteAsked(tx, login.id, login.intervalSeconds + (early ? INTERVAL_SECONDS : 0))
      return early
        ? oauthFault('slow_down', `Ask again after ${login.intervalSeconds + INTERVAL_SECONDS} seconds`)
        : oauthFault('authorization_pending', 'The person has not decided yet')
    }
    await store.deleteDeviceLogin(tx, login.id)
    const owner = await findUser(tx, login.userId!)
    if (login.state === 'refused' || !owner?.isActive) return oauthFault('access_denied', 'The person did not agree')
    const days = identity.settings.ASTAKOS_DEVICE_TOKEN_DAYS
    const token = await issueToken(tx, owner, {
      name: login.deviceName,
      scopes: login.scopes,
      expiresAt: new Date(Date.now() + days * DAY_MS),
    })
    const details = { client, name: token.name, scopes: token.scopes }
    await audit(tx, {
      service: 'identity',
      actor: owner.uuid,
      action: 'token-add',
      target: `token:${token.id}`,
      address,
      details,
    })
    return { secret: token.secret, expiresInSeconds: (days * DAY_MS) / 1000, scopes: login.scopes }
  })
  if (answer instanceof Fault) throw answer
  return answer
}
