// What a browser carries while its person is away at a provider. Only the browser that began a hand-shake can end it,
// within minutes, and once.
import { Fault } from '@synnefo/lib/fault'
import { parseJson, writeJson } from '@synnefo/lib/json'
import type { Queryable } from '@synnefo/lib/sql'
import type { Identity } from '../identity.ts'
import { hashSecret, newSecret } from '../secrets.ts'
import type { OtherModule } from '../settings/logins.ts'
import { spendHandshake } from '../store/spent-handshakes.ts'

export interface Handshake {
  id: string
  module: OtherModule
  /** Seconds since 1970. */
  startedAt: number
  /** Where the person wanted to go. */
  next: string
  /** uuid of who was signed in, when somebody was. */
  person: string | null
  switchFrom: string | null
  /** Token of another identity that shall be given to the account. */
  key: string | null
  /** What the provider's protocol needs to know again. */
  memory: Record<string, string>
}

export const HANDSHAKE_SECONDS = 30 * 60

export function newHandshake(about: Omit<Handshake, 'id' | 'startedAt' | 'memory'>): Handshake {
  return { ...about, id: newSecret(), startedAt: now(), memory: {} }
}

export function sealHandshake({ keys }: Identity, handshake: Handshake): string {
  return keys.seal(writeJson(handshake), sealedFor(handshake.module)).toString('base64url')
}

/** Throws `badRequest` for what no hand-shake of this browser, or an old one, is. */
export function openHandshake({ keys }: Identity, module: OtherModule, sealed: string | undefined): Handshake {
  const handshake = sealed === undefined ? undefined : unseal()
  if (!handshake || handshake.startedAt + HANDSHAKE_SECONDS < now()) throw notStartedHere()
  return handshake

  function unseal(): Handshake | undefined {
    try {
      return parseJson(keys.unseal(Buffer.from(sealed!, 'base64url'), sealedFor(module))) as Handshake
    } catch {
      return undefined // nothing that we wrote
    }
  }
}

/** Throws `badRequest` when it came back before. */
export async function spend(db: Queryable, id: string, claims: object | null = null): Promise<void> {
  if (!(await spendHandshake(db, hashSecret(id), 2 * HANDSHAKE_SECONDS, claims))) {
    throw new Fault('badRequest', 'This sign-in was finished before. Start again.')
  }
}

export const notStartedHere = (cause?: unknown) =>
  new Fault('badRequest', 'This sign-in was not started in this browser, or too long ago. Start again.', { cause })

const sealedFor = (module: string) => `hand-shake with ${module}`
const now = () => Math.floor(Date.now() / 1000)
