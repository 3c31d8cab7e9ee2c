// Passwords of public links. Trying is slow and counted. Programs that fetch a file in many parts show the password with
// each, so one that was right is known for a moment; browsers, which are asked once on a page, get a ticket instead.
import { createHmac, randomBytes } from 'node:crypto'
import { checkPassword, countAgainst, forgive, type Identity } from '@synnefo/identity'
import type { LinkRow } from './store/links.ts'

type Protected = Pick<LinkRow, 'id'> & { passwordHash: string }

export interface LinkPasswords {
  /** Whether this is the password. Throws `tooManyRequests` when too many were tried. */
  isRight(link: Protected, password: string, address: string): Promise<boolean>
  /** What a browser shows instead of the password it gave. */
  ticket(link: Protected): string
  isTicket(link: Protected, ticket: string): boolean
}

const GUESSES = 10
const GUESSES_OF_ALL = 300
const GUESSES_SECONDS = 600
const KNOWN_MS = 60_000
const KNOWN_AT_MOST = 1000
/** As long as one may watch a film. */
const TICKET_SECONDS = 4 * 3600

export function openLinkPasswords({ db, keys }: Identity): LinkPasswords {
  const key = randomBytes(32)
  const known = new Map<string, { until: number; answer: Promise<boolean> }>()

  async function check({ id, passwordHash }: Protected, password: string, address: string): Promise<boolean> {
    const limits = [
      { key: ['public link', id, address], atMost: GUESSES, windowSeconds: GUESSES_SECONDS },
      { key: ['public link', id], atMost: GUESSES_OF_ALL, windowSeconds: GUESSES_SECONDS, shared: true },
    ]
    await countAgainst(db, limits)
    const { matches } = await checkPassword(password, passwordHash)
    if (matches) await forgive(db, limits)
    return matches
  }

  const signed = ({ id, passwordHash }: Protected, until: string) => `public link ${id} until ${until} by ${passwordHash}`

  return {
    async isRight(link, password, address) {
      const digest = createHmac('sha256', key)
        .update(JSON.stringify([link.passwordHash, password]))
        .digest('base64')
      const remembered = known.get(digest)
      if (remembered && remembered.until > Date.now()) return remembered.answer
      if (known.size >= KNOWN_AT_MOST) known.clear()
      const answer = check(link, password, address)
      known.set(digest, { until: Date.now() + KNOWN_MS, answer }) // many parts at once are one try
      const isRight = await answer.catch((refusal) => {
        known.delete(digest)
        throw refusal
      })
      if (!isRight) known.delete(digest)
      return isRight
    },
    ticket(link) {
      const until = String(Math.floor(Date.now() / 1000) + TICKET_SECONDS)
      return `${until}.${keys.sign(signed(link, until))}`
    },
    isTicket(link, ticket) {
      const [, until, signature] = /^(\d{1,12})\.([\w-]+)$/.exec(ticket) ?? []
      if (until === undefined || Number(until) * 1000 < Date.now()) return false
      return keys.isSigned(signed(link, until), signature!)
    },
  }
}
