// Public links: an address under which anybody reads the current version of one object, without an account. A link is
// attached to the path, like permissions: it stays when the object is overwritten and goes when it is deleted or moved
// away, and its address is never used again.
import { randomBytes } from 'node:crypto'
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import { notAllowed } from './access.ts'
import type { ObjectStore } from './open.ts'
import type { Path } from './store/ground.ts'
import { deleteLink, insertLink, type LinkLimits, limitLink } from './store/links.ts'

/** What a request says about the link of an object. */
export interface Publication {
  /** Whether there is to be one; undefined: as it is. */
  isPublic: boolean | undefined
  limits: LinkLimits
}

const setsLimits = ({ limits }: Publication) => Object.values(limits).some((limit) => limit !== undefined)

/** Only the owner changes whether there is a link; that something is not public, which is not, may be said by anybody. */
export function checkPublication(owner: boolean, hasLink: boolean, publication: Publication): void {
  const { isPublic } = publication
  const limits = setsLimits(publication)
  if (isPublic === false && limits)
    throw new Fault('badRequest', 'An object that is not public has no link whose use could be limited.')
  if (!owner && (isPublic === true || limits || hasLink)) throw notAllowed()
  if (isPublic === undefined && limits && !hasLink)
    throw new Fault('badRequest', 'The object has no public link whose use could be limited: send X-Object-Public: true as well.')
}

/** Makes, changes or removes the link of a path; `checkPublication` was asked under the same lock. */
export async function publish(
  tx: Tx,
  { settings }: Pick<ObjectStore, 'settings'>,
  { containerId, name }: Path,
  { isPublic, limits }: Publication,
): Promise<void> {
  if (isPublic !== false && (await limitLink(tx, containerId, name, limits))) return
  await deleteLink(tx, containerId, name) // also one that has ended
  if (!isPublic) return
  const { PITHOS_PUBLIC_URL_SECURITY: fewest, PITHOS_PUBLIC_URL_ALPHABET: alphabet } = settings
  for (let bytes = fewest; ; bytes += 1) {
    if (await insertLink(tx, containerId, name, newLinkId(bytes, alphabet), limits)) return
  }
}

/** Random bytes as a number written in the characters of an alphabet, the least significant first. */
export function newLinkId(bytes: number, alphabet: string): string {
  const base = BigInt(alphabet.length)
  let id = ''
  for (let left = BigInt(`0x${randomBytes(bytes).toString('hex')}`); left > 0n || id === ''; left /= base)
    id += alphabet[Number(left % base)]
  return id
}
