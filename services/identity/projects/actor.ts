// Who acts on projects and memberships: a person through an API, an operator on the command line, or the service itself.
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import { audit } from '../audit.ts'
import type { Identity } from '../identity.ts'
import type { Principal } from '../tokens/authenticate.ts'

export interface Actor {
  /** uuid of a person; the name of the program or task otherwise. As logs and audit rows name it. */
  name: string
  /** Null for operators and tasks. */
  userId: bigint | null
  /** Decides about all projects. */
  isAdmin: boolean
  /** Network address, where there is one. */
  address: string
}

export const isProjectAdmin = ({ settings }: Identity, { uuid }: Pick<Principal, 'uuid'>) =>
  settings.ASTAKOS_PROJECT_ADMINS.includes(uuid)

export function personActor(identity: Identity, person: Pick<Principal, 'id' | 'uuid'>, address: string): Actor {
  return { name: person.uuid, userId: person.id, isAdmin: isProjectAdmin(identity, person), address }
}

/** An operator or the service: `snf-manage`, or the name of a task. */
export function programActor(name: string): Actor {
  return { name, userId: null, isAdmin: true, address: '' }
}

export function noteProject(
  tx: Tx,
  actor: Actor,
  action: string,
  target: `project:${string}` | `application:${bigint}` | `membership:${bigint}`,
  details: Record<string, unknown> = {},
): Promise<void> {
  return audit(tx, { service: 'identity', actor: actor.name, action, target, address: actor.address, details })
}

export const noProject = (uuid: string) => new Fault('itemNotFound', `There is no project ${uuid}`)
