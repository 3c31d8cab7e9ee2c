// The members of a project, for its owner: a page of them, several accepted, rejected or removed at once, and people added
// by their addresses. Each is done by itself, and the answer tells how it went with whom.
import { Fault } from '@synnefo/lib/fault'
import { type Plugin, Type } from '@synnefo/lib/http'
import type { FastifyRequest } from 'fastify'
import type { Identity } from '../../identity.ts'
import { personActor } from '../../projects/actor.ts'
import { actOnMembership, enrollPerson } from '../../projects/memberships/act.ts'
import { findPeopleToEnroll, unknownUsers } from '../../projects/memberships/enroll.ts'
import { membersPage } from '../../projects/page-details.ts'
import { findMembership } from '../../store/memberships.ts'
import type { MembershipAction } from '../../wire/membership-states.ts'
import { changing, originOf, signedIn } from './person.ts'
import { PageSize, ProjectPath } from './projects.ts'

const AT_ONCE = 100
const LONGEST_LIST = 20_000

const ACTIONS = ['accept', 'reject', 'remove', 'leave', 'cancel', 'suspend', 'unsuspend', 'deny_leave', 'cancel_leave'] as const
type Action = (typeof ACTIONS)[number] & MembershipAction

const Reason = Type.Optional(Type.String({ maxLength: 4096 }))
const MembershipId = Type.String({ pattern: '^\\d{1,18}$' })
const ActionName = Type.Union(ACTIONS.map((action) => Type.Literal(action)))

const MembersQuery = Type.Object({
  state: Type.Optional(Type.Union([Type.Literal('all'), Type.Literal('approved'), Type.Literal('pending')])),
  after: Type.Optional(MembershipId),
  limit: PageSize,
})
const BatchPath = Type.Object({ id: Type.String({ maxLength: 255 }), action: ActionName })
const Batch = Type.Object({ members: Type.Array(MembershipId, { minItems: 1, maxItems: AT_ONCE }), reason: Reason })
const Addresses = Type.Object({ addresses: Type.String({ minLength: 1, maxLength: LONGEST_LIST }) })
const MembershipPath = Type.Object({ id: MembershipId, action: ActionName })
const Single = Type.Object({ reason: Reason })

interface Outcome {
  member: string
  done: boolean
  /** Why not. */
  message?: string
}

export const projectMemberRoutes: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  async function actorOf(request: FastifyRequest) {
    const { person } = await changing(identity, request)
    return personActor(identity, person, originOf(request).address)
  }

  app.get('/projects/:id/members', { schema: { params: ProjectPath, querystring: MembersQuery } }, async (request) => {
    const { person } = await signedIn(identity, request)
    const { state: which = 'all', after, limit } = request.query
    return membersPage(identity, person, request.params.id, {
      which,
      ...(after === undefined ? {} : { after: BigInt(after) }),
      ...(limit === undefined ? {} : { limit }),
    })
  })

  app.post('/projects/:id/members/:action', { schema: { params: BatchPath, body: Batch } }, async (request) => {
    const actor = await actorOf(request)
    const { id: project, action } = request.params
    const { members, reason = '' } = request.body
    const results: Outcome[] = []
    for (const member of new Set(members)) {
      results.push(
        await outcomeOf(member, async () => {
          const membership = await findMembership(identity.db, BigInt(member))
          if (membership?.project !== project) throw new Fault('itemNotFound', `There is no such member: ${member}`)
          await act(actor, BigInt(member), action, reason)
        }),
      )
    }
    return { results }
  })

  app.post('/projects/:id/members', { schema: { params: ProjectPath, body: Addresses } }, async (request) => {
    const actor = await actorOf(request)
    const project = request.params.id
    const addresses = readAddresses(request.body.addresses)
    const { known, unknown } = await findPeopleToEnroll(identity, actor, project, addresses)
    if (unknown.length > 0) throw unknownUsers(unknown)
    const results: Outcome[] = []
    for (const { id, email } of known) {
      const enrolling = () => identity.db.transaction((tx) => enrollPerson(identity, tx, actor, project, id))
      results.push(await outcomeOf(email, enrolling))
    }
    return { results }
  })

  app.post('/memberships/:id/:action', { schema: { params: MembershipPath, body: Single } }, async (request) => {
    const actor = await actorOf(request)
    const { id, action } = request.params
    const { state } = await act(actor, BigInt(id), action, request.body.reason ?? '')
    return { id, state }
  })

  const act = (actor: Awaited<ReturnType<typeof actorOf>>, id: bigint, action: Action, reason: string) =>
    identity.db.transaction((tx) => actOnMembership(identity, tx, actor, id, action, reason))
}

/** One who cannot be helped does not hold up the others. */
async function outcomeOf(member: string, work: () => Promise<unknown>): Promise<Outcome> {
  try {
    await work()
    return { member, done: true }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { member, done: false, message: error.message }
  }
}

/** Separated by commas, semicolons, blanks or lines. */
function readAddresses(text: string): string[] {
  const addresses = [...new Set(text.split(/[\s,;]+/).filter((word) => word !== ''))]
  if (addresses.length === 0) throw new Fault('badRequest', "Field 'addresses' should name at least one address")
  if (addresses.length > AT_ONCE) throw new Fault('badRequest', `Field 'addresses' should name at most ${AT_ONCE} addresses`)
  return addresses
}
