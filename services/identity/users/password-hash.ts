// Passwords are kept as argon2id in PHC form, which names its own cost: hashes made with older costs, and
// the PBKDF2 ones of imported installations, are still verified, and replaced at the next login.
import { argon2, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { Fault } from '@synnefo/lib/fault'

/** 19 MiB and two passes (OWASP's first choice for servers of this size): about 40 ms on one core. */
const COST = { memoryKiB: 19_456, passes: 2, lanes: 1 }
const TAG_BYTES = 32

/** Each hash takes a thread and its memory: this many at once, this many waiting, the rest are told to come back. */
const AT_ONCE = 2
const MAX_WAITING = 64

const deriveArgon2 = promisify(argon2)
const derivePbkdf2 = promisify(pbkdf2)

interface Argon2Hash {
  algorithm: 'argon2id'
  memoryKiB: number
  passes: number
  lanes: number
  salt: Buffer
  tag: Buffer
}

interface Pbkdf2Hash {
  algorithm: 'pbkdf2_sha256'
  iterations: number
  salt: Buffer
  tag: Buffer
}

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const tag = await queued(() => argon2id(password, { ...COST, salt, tagBytes: TAG_BYTES }))
  const { memoryKiB, passes, lanes } = COST
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${lanes}$${unpadded(salt)}$${unpadded(tag)}`
}

export interface PasswordCheck {
  matches: boolean
  /** The stored hash is weaker than what is written today: store a new one. */
  outdated: boolean
}

/**
 * Compares a password with the stored hash. With no hash (nobody has this address, or no password works)
 * the same work is done and the answer is no, so that the time taken does not tell the cases apart. A mismatch with an
 * imported hash costs as much on top, or its quick answer would say that the account is there.
 */
export async function checkPassword(password: string, stored: string | null | undefined): Promise<PasswordCheck> {
  const hash = stored ? parse(stored) : undefined
  if (hash?.algorithm === 'pbkdf2_sha256') {
    return queued(async () => {
      const tag = await derivePbkdf2(password, hash.salt, hash.iterations, hash.tag.length, 'sha256')
      const matches = timingSafeEqual(tag, hash.tag)
      if (!matches) await argon2id(password, { ...COST, salt: randomBytes(16), tagBytes: TAG_BYTES })
      return { matches, outdated: true }
    })
  }
  const {
    memoryKiB,
    passes,
    lanes,
    salt,
    tag: expected,
  } = hash ?? { ...COST, salt: randomBytes(16), tag: randomBytes(TAG_BYTES) }
  const tag = await queued(() => argon2id(password, { memoryKiB, passes, lanes, salt, tagBytes: expected.length }))
  const matches = hash !== undefined && timingSafeEqual(tag, expected)
  return { matches, outdated: memoryKiB < COST.memoryKiB || passes < COST.passes || expected.length < TAG_BYTES }
}

/** Whether passwords can be compared with the stored hash. */
export const canVerify = (stored: string): boolean => parse(stored) !== undefined

function parse(stored: string): Argon2Hash | Pbkdf2Hash | undefined {
  const argon = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(stored)
  if (argon) {
    const [, memoryKiB, passes, lanes, salt, tag] = argon
    return {
      algorithm: 'argon2id',
      memoryKiB: Number(memoryKiB),
      passes: Number(passes),
      lanes: Number(lanes),
      salt: Buffer.from(salt!, 'base64'),
      tag: Buffer.from(tag!, 'base64'),
    }
  }
  const pbkdf = /^pbkdf2_sha256\$(\d+)\$([^$]+)\$([A-Za-z0-9+/=]+)$/.exec(stored)
  if (pbkdf) {
    const [, iterations, salt, tag] = pbkdf
    return {
      algorithm: 'pbkdf2_sha256',
      iterations: Number(iterations),
      salt: Buffer.from(salt!),
      tag: Buffer.from(tag!, 'base64'),
    }
  }
  return undefined
}

function argon2id(password: string, cost: typeof COST & { salt: Buffer; tagBytes: number }): Promise<Buffer> {
  return deriveArgon2('argon2id', {
    message: password,
    nonce: cost.salt,
    memory: cost.memoryKiB,
    passes: cost.passes,
    parallelism: cost.lanes,
    tagLength: cost.tagBytes,
  })
}

/** PHC strings carry base64 without padding. */
const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')

let running = 0
const waiting: (() => void)[] = []

async function queued<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) {
    if (waiting.length >= MAX_WAITING)
      throw new Fault('tooManyRequests', 'Too many people are signing in at this moment; try again shortly')
    await new Promise<void>((resolve) => waiting.push(resolve))
  } else {
    running += 1
  }
  try {
    return await work()
  } finally {
    // The place is handed on, or given up when nobody waits.
    const next = waiting.shift()
    if (next) next()
    else running -= 1
  }
}
