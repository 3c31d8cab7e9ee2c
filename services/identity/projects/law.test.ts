// The law of projects: whatever people, project admins and operators do, in whatever order and however much of it at once,
// limits in the ledger are what projects grant, no project has more members than it may, at most one application of a
// project waits, names of alive projects are unique, and exactly the pending applications are charged.
import { Fault } from '@synnefo/lib/fault'
import { sql, type Tx } from '@synnefo/lib/sql'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { activateUser, deactivateUser } from '../index.ts'
import type { TestUser } from '../testing.ts'
import { MEMBERSHIP_ACTIONS, type MembershipAction } from '../wire/membership-states.ts'
import { APPLICATION_ACTIONS, type ApplicationAction, type DirectProjectAction, PROJECT_ACTIONS } from '../wire/project-states.ts'
import { decideApplication } from './applications/decide.ts'
import { submitModification } from './applications/submit.ts'
import { setDefaultProject } from './default-project.ts'
import { actOnMembership, enrollPerson, joinProject } from './memberships/act.ts'
import { modifyProject } from './modify.ts'
import { applyFor, asOperator, createProject, expectInvariants, openTestProjects, type Projects } from './open-test-projects.ts'
import { changeProject } from './transitions.ts'

const who = fc.integer({ min: 0, max: 3 })
/** Counted from the newest: what was just made is what most is done to. */
const which = fc.integer({ min: 0, max: 3 })
const name = fc.constantFrom('one.example.org', 'two.example.org')
const oneOf = <T>(values: readonly T[]) => fc.constantFrom(...values)

const deed = fc.oneof(
  fc.record({ do: fc.constant('apply' as const), who, name, places: fc.bigInt({ min: 0n, max: 2n }) }),
  fc.record({ do: fc.constant('ask for a change' as const), who, which, name }),
  fc.record({
    do: fc.constant('decide' as const),
    who,
    which,
    action: oneOf<ApplicationAction>(['approve', ...APPLICATION_ACTIONS]),
  }),
  fc.record({
    do: fc.constant('move' as const),
    which,
    action: oneOf<DirectProjectAction>(['unsuspend', 'reinstate', ...PROJECT_ACTIONS]),
  }),
  fc.record({ do: fc.constant('grant' as const), which, quantity: fc.bigInt({ min: 0n, max: 9n }) }),
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('membership' as const),
      who,
      by: who,
      which,
      action: oneOf<MembershipAction>(['join', 'join', 'enroll', 'accept', ...MEMBERSHIP_ACTIONS]),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pay from' as const), who, which }) },
  fc.record({ do: fc.constant('shut out' as const), who, back: fc.boolean() }),
)
type Deed = typeof deed extends fc.Arbitrary<infer D> ? D : never

/** One of each that is not refused: that there are some of each kind is no matter of chance. */
const EACH: Deed[] = [
  { do: 'apply', who: 1, name: 'one.example.org', places: 2n },
  { do: 'decide', who: 1, which: 0, action: 'approve' },
  { do: 'ask for a change', who: 1, which: 0, name: 'two.example.org' },
  { do: 'grant', which: 0, quantity: 3n },
  { do: 'membership', who: 2, by: 1, which: 0, action: 'join' },
  { do: 'pay from', who: 2, which: 0 },
  { do: 'move', which: 0, action: 'suspend' },
  { do: 'shut out', who: 2, back: false },
]

const REFUSALS = ['conflict', 'forbidden', 'itemNotFound', 'badMethod', 'badRequest']

test('whatever is done, and however much of it at once, the law holds', async ({ onTestFinished }) => {
  const projects = await openTestProjects(onTestFinished)
  const { db, root, owner, member, stranger } = projects
  const people = [root, owner, member, stranger]
  await db.run(
    sql`UPDATE identity.project_limits SET project_capacity = 2, member_capacity = 2 WHERE resource = 'astakos.pending_app'`,
  )
  await db.run(sql`UPDATE identity.holdings SET "limit" = 2 WHERE resource = 'astakos.pending_app'`)
  const done = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(deed, { minLength: 1, maxLength: 10 }), { minLength: 1, maxLength: 4 }),
      async (rounds) => {
        // Whoever was shut out is back, and there is something to join.
        for (const { id } of people) await db.transaction((tx) => activateUser(projects.identity, tx, id)).catch(refusedOnly)
        const begin = { joinPolicy: 'auto', maxMembers: 2n } as const
        await db.transaction((tx) => createProject({ ...projects, owner: root }, tx, begin))
        for (const round of rounds) {
          await Promise.all(
            round.map(async (each) => {
              const did = await db.transaction((tx) => carryOut(projects, people, tx, each)).then(() => true, refusedOnly)
              if (did) done.set(each.do, (done.get(each.do) ?? 0) + 1)
            }),
          )
          await expectInvariants(db)
        }
      },
    ),
    { numRuns: 80, examples: [[EACH.map((each) => [each])]] },
  )
  // The law is about something: every kind of deed was done, not only refused.
  expect([...done.keys()].sort()).toEqual(
    ['apply', 'ask for a change', 'decide', 'grant', 'membership', 'move', 'pay from', 'shut out'].sort(),
  )
})

function refusedOnly(error: unknown): void {
  if (!(error instanceof Fault && REFUSALS.includes(error.kind))) throw error
}

async function carryOut(projects: Projects, people: readonly TestUser[], tx: Tx, each: Deed): Promise<unknown> {
  const { identity, actorOf, root } = projects
  const project = async (place: number) => {
    const found = await tx.maybeOne<{ uuid: string }>(sql`
      SELECT uuid FROM identity.projects WHERE NOT is_base ORDER BY id DESC OFFSET ${place} LIMIT 1`)
    return found?.uuid ?? 'none'
  }
  switch (each.do) {
    case 'apply':
      return applyFor({ ...projects, owner: people[each.who]! }, tx, {
        name: each.name,
        maxMembers: each.places,
        joinPolicy: 'auto',
      })
    case 'ask for a change':
      return submitModification(identity, tx, actorOf(people[each.who]!), await project(each.which), { name: each.name })
    case 'decide': {
      const found = await tx.maybeOne<{ id: bigint }>(sql`
        SELECT id FROM identity.applications ORDER BY id DESC OFFSET ${each.which} LIMIT 1`)
      const by = each.who === 0 ? actorOf(root) : asOperator
      return decideApplication(identity, tx, by, { application: found?.id ?? 0n }, each.action)
    }
    case 'move':
      return changeProject(identity, tx, asOperator, await project(each.which), each.action)
    case 'grant': {
      const limits = { 'cyclades.vm': { member: each.quantity, project: each.quantity + 1n } }
      return modifyProject(identity, tx, asOperator, await project(each.which), { limits })
    }
    case 'membership':
      return membership(projects, tx, people[each.who]!, people[each.by]!, await project(each.which), each.action)
    case 'pay from':
      return setDefaultProject(identity, tx, people[each.who]!, await project(each.which))
    case 'shut out': {
      const { id } = people[each.who]!
      return each.back ? activateUser(identity, tx, id) : deactivateUser(identity, tx, id, 'for now')
    }
  }
}

async function membership(
  { identity, actorOf }: Projects,
  tx: Tx,
  person: TestUser,
  by: TestUser,
  project: string,
  action: MembershipAction,
): Promise<unknown> {
  if (action === 'join') return joinProject(identity, tx, actorOf(person), project)
  if (action === 'enroll') return enrollPerson(identity, tx, asOperator, project, person.id)
  const found = await tx.maybeOne<{ id: bigint }>(sql`
    SELECT m.id FROM identity.memberships m JOIN identity.projects p ON p.id = m.project_id
    WHERE p.uuid = ${project} AND m.user_id = ${person.id}`)
  return actOnMembership(identity, tx, by.id === person.id ? actorOf(by) : asOperator, found?.id ?? 0n, action)
}
