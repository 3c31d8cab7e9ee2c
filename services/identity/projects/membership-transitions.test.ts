// Every action on a membership, from everywhere, by everybody, under every condition: what the specification's table
// (identity-model.md §5.5) allows leads where it says, and all else is refused.
import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'
import { expect, test } from 'vitest'
import { syncLimits } from '../store/holdings.ts'
import type { TestUser } from '../testing.ts'
import {
  MEMBERSHIP_ACTIONS,
  MEMBERSHIP_STATES,
  type MembershipAction,
  type MembershipState,
  type Standing,
} from '../wire/membership-states.ts'
import { POLICIES, type Policy, PROJECT_STATES, type ProjectState } from '../wire/project-states.ts'
import { actOnMembership, enrollPerson, joinProject } from './memberships/act.ts'
import {
  applyFor,
  createProject,
  expectInvariants,
  openTestProjects,
  type Projects,
  refusalOf,
  tryOut,
} from './open-test-projects.ts'

type Part = 'self' | 'owner' | 'admin' | 'stranger'

interface Row {
  from: Standing[]
  /** By whom; `admin` too, unless it says otherwise. */
  by: Part[]
  projects: ProjectState[]
  /** Where it leads, by the policy that counts. A policy that is not here refuses. */
  to: Partial<Record<Policy, MembershipState>>
  policy?: 'join' | 'leave'
  whenFull: MembershipState | 'refused' | 'same'
  whenInactive: 'refused' | 'same'
}

const ALIVE: ProjectState[] = ['active', 'suspended']
const IN: Standing[] = ['accepted', 'leave_requested', 'suspended']
const OUT: Standing[] = ['none', 'rejected', 'cancelled', 'removed']
const always = (state: MembershipState) => ({ auto: state, moderated: state, closed: state })
const unlessClosed = (state: MembershipState) => ({ auto: state, moderated: state })
const easy = { whenFull: 'same', whenInactive: 'same' } as const
const strict = { whenFull: 'refused', whenInactive: 'refused' } as const

const TABLE: Record<MembershipAction, Row> = {
  join: {
    from: OUT,
    by: ['self'],
    projects: ALIVE,
    policy: 'join',
    to: { auto: 'accepted', moderated: 'requested' },
    whenFull: 'requested',
    whenInactive: 'same',
  },
  enroll: {
    from: [...OUT, 'requested'],
    by: ['owner', 'admin'],
    projects: ALIVE,
    policy: 'join',
    to: unlessClosed('accepted'),
    ...strict,
  },
  accept: {
    from: ['requested'],
    by: ['owner', 'admin'],
    projects: ALIVE,
    policy: 'join',
    to: unlessClosed('accepted'),
    ...strict,
  },
  reject: { from: ['requested'], by: ['owner', 'admin'], projects: ALIVE, to: always('rejected'), ...easy },
  cancel: { from: ['requested'], by: ['self', 'admin'], projects: ALIVE, to: always('cancelled'), ...easy },
  leave: {
    from: IN,
    by: ['self', 'admin'],
    projects: ALIVE,
    policy: 'leave',
    to: { auto: 'removed', moderated: 'leave_requested' },
    ...easy,
  },
  remove: { from: IN, by: ['owner', 'admin'], projects: ALIVE, policy: 'leave', to: unlessClosed('removed'), ...easy },
  suspend: {
    from: ['accepted', 'leave_requested'],
    by: ['admin'],
    projects: [...ALIVE, 'terminated'],
    to: always('suspended'),
    ...easy,
  },
  unsuspend: { from: ['suspended'], by: ['admin'], projects: [...ALIVE, 'terminated'], to: always('accepted'), ...easy },
  deny_leave: { from: ['leave_requested'], by: ['owner', 'admin'], projects: ALIVE, to: always('accepted'), ...easy },
  cancel_leave: { from: ['leave_requested'], by: ['self', 'admin'], projects: ALIVE, to: always('accepted'), ...easy },
}

interface Case {
  from: Standing
  by: Part
  project: ProjectState
  join: Policy
  leave: Policy
  full: boolean
  inactive: boolean
}

const PARTS: Part[] = ['self', 'owner', 'admin', 'stranger']
const PLAIN = { project: 'active', join: 'moderated', leave: 'moderated', full: false, inactive: false } as const

/** From everywhere by who may; then, from where it is allowed, everything else that counts. */
function casesOf(row: Row): Case[] {
  const by = row.by[0]!
  const from = row.from[0]!
  return [
    ...(['none', ...MEMBERSHIP_STATES] as const).map((each) => ({ ...PLAIN, from: each, by })),
    ...PARTS.flatMap((each) => ({ ...PLAIN, from, by: each })),
    ...PROJECT_STATES.map((project) => ({ ...PLAIN, from, by, project })),
    ...row.from.flatMap((each) => POLICIES.map((policy) => ({ ...PLAIN, from: each, by, join: policy, leave: policy }))),
    ...POLICIES.map((join) => ({ ...PLAIN, from, by, join, full: true })),
    { ...PLAIN, from, by, inactive: true },
  ]
}

function expected(row: Row, each: Case): MembershipState | 'conflict' | 'forbidden' {
  if (!row.by.includes(each.by)) return 'forbidden'
  if (!row.projects.includes(each.project) || !row.from.includes(each.from)) return 'conflict'
  const to = row.to[row.policy ? each[row.policy] : 'auto']
  if (to === undefined) return 'conflict'
  if (each.inactive && row.whenInactive === 'refused') return 'conflict'
  if (each.full && row.whenFull !== 'same') return row.whenFull === 'refused' ? 'conflict' : row.whenFull
  return to
}

test.for(MEMBERSHIP_ACTIONS)('%s leads where the table says, or nowhere', async (action, { onTestFinished }) => {
  const projects = await openTestProjects(onTestFinished)
  const { db, owner, member, root, stranger } = projects
  const uuid = await db.transaction((tx) => createProject(projects, tx))
  const people: Record<Part, TestUser> = { self: member, owner, admin: root, stranger }
  for (const each of casesOf(TABLE[action])) {
    const what = JSON.stringify(each)
    const outcome = expected(TABLE[action], each)
    await tryOut(db, async (tx) => {
      await arrange(tx, projects, uuid, each)
      const before = await standing(tx, member, uuid)
      const acting = act(tx, projects, uuid, action, people[each.by])
      if (outcome === 'conflict' || outcome === 'forbidden') {
        // A membership that is not there cannot even be named.
        const named = each.from === 'none' && action !== 'join' && action !== 'enroll'
        const kind = await refusalOf(acting).then((refusal) => refusal?.kind)
        // Somebody else's joining is his own.
        if (!(action === 'join' && each.by !== 'self')) expect([what, kind]).toEqual([what, named ? 'itemNotFound' : outcome])
        expect([what, await standing(tx, member, uuid)]).toEqual([what, before])
        return
      }
      expect([what, (await acting)!.state]).toEqual([what, outcome])
      const after = await standing(tx, member, uuid)
      expect([what, after]).toMatchObject([what, { state: outcome, from: before?.state ?? null, actor: people[each.by].uuid }])
      expect([what, after!.initialized]).toEqual([what, before?.initialized || outcome === 'accepted'])
      const paysHere = before?.pays && outcome !== 'removed'
      expect([what, after!.pays]).toEqual([what, paysHere ?? false])
      if (!each.full) await expectInvariants(tx)
    })
  }
})

/** Brings the member, the project and its policies to where the case begins. */
async function arrange(tx: Tx, { member }: Projects, uuid: string, each: Case): Promise<void> {
  const initialized = ['accepted', 'leave_requested', 'suspended', 'removed'].includes(each.from)
  await tx.run(sql`
    UPDATE identity.projects SET state = ${each.project}, join_policy = ${each.join}, leave_policy = ${each.leave},
      name = CASE WHEN ${['active', 'suspended'].includes(each.project)} THEN realname END,
      max_members = CASE WHEN ${each.full} THEN 0 ELSE max_members END
    WHERE uuid = ${uuid}`)
  await tx.run(sql`
    INSERT INTO identity.project_log (project_id, to_state) SELECT id, ${each.project} FROM identity.projects WHERE uuid = ${uuid}`)
  if (each.inactive) await tx.run(sql`UPDATE identity.users SET is_active = false WHERE id = ${member.id}`)
  if (each.from !== 'none') {
    await tx.run(sql`
    WITH membership AS (
      INSERT INTO identity.memberships (user_id, project_id, state, initialized)
      SELECT ${member.id}, id, ${each.from}, ${initialized} FROM identity.projects WHERE uuid = ${uuid} RETURNING id
    )
    INSERT INTO identity.membership_log (membership_id, to_state) SELECT id, ${each.from} FROM membership`)
    if (IN.includes(each.from) && ALIVE.includes(each.project)) {
      await tx.run(sql`UPDATE identity.users SET default_project = ${uuid} WHERE id = ${member.id}`)
    }
  }
  const { id } = await tx.one<{ id: bigint }>(sql`SELECT id FROM identity.projects WHERE uuid = ${uuid}`)
  await syncLimits(tx, [id])
}

async function act(tx: Tx, projects: Projects, uuid: string, action: MembershipAction, by: TestUser) {
  const { identity, member } = projects
  const actor = projects.actorOf(by)
  if (action === 'join') return joinProject(identity, tx, actor, uuid)
  if (action === 'enroll') return enrollPerson(identity, tx, actor, uuid, member.id)
  const found = await tx.maybeOne<{ id: bigint }>(sql`
    SELECT m.id FROM identity.memberships m JOIN identity.projects p ON p.id = m.project_id
    WHERE p.uuid = ${uuid} AND m.user_id = ${member.id}`)
  return actOnMembership(identity, tx, actor, found?.id ?? 0n, action, 'because')
}

function standing(db: Queryable, { id }: TestUser, uuid: string) {
  return db.maybeOne<{ state: string; initialized: boolean; from: string | null; actor: string | null; pays: boolean }>(sql`
    SELECT m.state, m.initialized, l.from_state AS "from", l.actor, u.default_project = p.uuid AS pays
    FROM identity.memberships m JOIN identity.projects p ON p.id = m.project_id JOIN identity.users u ON u.id = m.user_id
    CROSS JOIN LATERAL (SELECT * FROM identity.membership_log WHERE membership_id = m.id ORDER BY id DESC LIMIT 1) AS l
    WHERE m.user_id = ${id} AND p.uuid = ${uuid}`)
}

test('a place is never given twice, however many ask at once', async ({ onTestFinished }) => {
  const projects = await openTestProjects(onTestFinished)
  const { db, identity, owner, member, stranger, root } = projects
  const uuid = await db.transaction((tx) => createProject(projects, tx, { joinPolicy: 'auto', maxMembers: 2n }))
  const joined = await Promise.all(
    [owner, member, stranger, root].map((each) =>
      db.transaction((tx) => joinProject(identity, tx, projects.actorOf(each), uuid)),
    ),
  )
  expect(joined.map(({ state }) => state).sort()).toEqual(['accepted', 'accepted', 'requested', 'requested'])
  await expectInvariants(db)
  const waiting = joined.filter(({ state }) => state === 'requested')
  const accepting = waiting.map(({ id }) =>
    refusalOf(db.transaction((tx) => actOnMembership(identity, tx, projects.actorOf(owner), id, 'accept'))),
  )
  expect((await Promise.all(accepting)).map((refusal) => refusal?.kind)).toEqual(['conflict', 'conflict'])
})

test('nobody joins a project that was only applied for', async ({ onTestFinished }) => {
  const projects = await openTestProjects(onTestFinished)
  const { db, identity, member } = projects
  const { project } = await db.transaction((tx) => applyFor(projects, tx))
  const joining = db.transaction((tx) => joinProject(identity, tx, projects.actorOf(member), project))
  expect(await refusalOf(joining)).toMatchObject({ kind: 'conflict', message: 'Cannot join: the project is uninitialized' })
})
