// Every action on projects and applications, from every state: what the tables of the specification (identity-model.md
// §5.2, §5.3) allow leads where they say, with all its effects; all else is refused and changes nothing. And every mail of
// §9: exactly these, to exactly those people.
import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'
import { expect, test } from 'vitest'
import { syncLimits } from '../store/holdings.ts'
import type { TestUser } from '../testing.ts'
import type { ApplicationState, ProjectState } from '../wire/project-states.ts'
import { APPLICATION_STATES, PROJECT_STATES } from '../wire/project-states.ts'
import { decideApplication } from './applications/decide.ts'
import { submitModification } from './applications/submit.ts'
import { actOnMembership, enrollPerson, joinProject } from './memberships/act.ts'
import { modifyProject } from './modify.ts'
import {
  applyFor,
  asOperator,
  createProject,
  expectInvariants,
  openTestProjects,
  type Projects,
  refusalOf,
  tryOut,
} from './open-test-projects.ts'
import { changeProject } from './transitions.ts'

const SETTINGS = {
  PROJECT_CREATION_RECIPIENTS: ['creation@example.test'],
  PROJECT_MODIFICATION_RECIPIENTS: ['modification@example.test'],
  PROJECT_NOTIFICATIONS_RECIPIENTS: ['staff@example.test'],
}

type Mailed = [recipient: string, subject: RegExp][]

const toOwner = (subject: RegExp): Mailed => [['owner@example.test', subject]]

interface Transition {
  action: 'suspend' | 'unsuspend' | 'terminate' | 'reinstate' | 'modify'
  /** From which states, and where it leads. */
  leads: Partial<Record<ProjectState, ProjectState>>
  /** Whether it may be done to a system project. */
  system: boolean
  mails: Mailed
}

const TRANSITIONS: Transition[] = [
  { action: 'suspend', leads: { active: 'suspended' }, system: true, mails: toOwner(/suspended/) },
  { action: 'unsuspend', leads: { suspended: 'active' }, system: true, mails: toOwner(/resumed/) },
  { action: 'terminate', leads: { active: 'terminated', suspended: 'terminated' }, system: false, mails: toOwner(/terminated/) },
  { action: 'reinstate', leads: { terminated: 'active' }, system: true, mails: toOwner(/reinstated/) },
  {
    action: 'modify',
    leads: { active: 'active', suspended: 'suspended', terminated: 'terminated' },
    system: true,
    mails: [],
  },
]

test.for(TRANSITIONS)('$action leads where the table says, or nowhere', async (row, { onTestFinished }) => {
  const { projects, uuid } = await openWithMember(onTestFinished)
  const { db, identity, member, owner } = projects
  for (const state of PROJECT_STATES) {
    for (const uuidOfProject of [uuid, owner.uuid]) {
      const isSystem = uuidOfProject === owner.uuid
      const what = `${row.action} of ${isSystem ? 'a system' : 'a'} project that is ${state}`
      await tryOut(db, async (tx) => {
        await putInState(tx, uuidOfProject, state)
        const before = await facts(tx, uuidOfProject, member)
        const to = isSystem && !row.system ? undefined : row.leads[state]
        const acting =
          row.action === 'modify'
            ? modifyProject(identity, tx, asOperator, uuidOfProject, { maxMembers: 12n })
            : changeProject(identity, tx, asOperator, uuidOfProject, row.action, 'because')
        const refusal = await refusalOf(acting)
        const after = await facts(tx, uuidOfProject, member)
        if (to === undefined) {
          expect([what, refusal?.kind]).toEqual([what, 'conflict'])
          expect([what, after]).toEqual([what, before])
          return
        }
        expect([what, refusal]).toEqual([what, undefined])
        const logged = { from: state, actor: 'snf-manage', reason: row.action === 'modify' ? '' : 'because' }
        expect([what, after]).toMatchObject([what, { state: to, log: before!.log + 1, ...logged }])
        if (!isSystem) expect([what, after!.pays]).toEqual([what, to !== 'terminated' && before!.pays])
        expect([what, await mailed(tx)]).toEqual([what, isSystem ? [] : expected(row.mails)])
        // No system project ever ends: there, nothing is promised.
        if (!(isSystem && state === 'terminated')) await expectInvariants(tx)
      })
    }
  }
})

interface Decision {
  action: 'approve' | 'deny' | 'cancel' | 'dismiss'
  from: ApplicationState
  to: ApplicationState
  byApplicant: boolean
  /** What becomes of a project that was only applied for, and of one that is active. */
  project: { uninitialized: ProjectState; active: ProjectState }
  mails: Mailed
}

const DECISIONS: Decision[] = [
  {
    action: 'approve',
    from: 'pending',
    to: 'approved',
    byApplicant: false,
    project: { uninitialized: 'active', active: 'active' },
    mails: [
      ['owner@example.test', /application approved/],
      ['staff@example.test', /application approved/],
    ],
  },
  {
    action: 'deny',
    from: 'pending',
    to: 'denied',
    byApplicant: false,
    project: { uninitialized: 'uninitialized', active: 'active' },
    mails: toOwner(/application denied/),
  },
  {
    action: 'cancel',
    from: 'pending',
    to: 'cancelled',
    byApplicant: true,
    project: { uninitialized: 'deleted', active: 'active' },
    mails: [],
  },
  {
    action: 'dismiss',
    from: 'denied',
    to: 'dismissed',
    byApplicant: true,
    project: { uninitialized: 'deleted', active: 'active' },
    mails: [],
  },
]

test.for(DECISIONS)('an application is decided by the table: $action', async (row, { onTestFinished }) => {
  const { projects, uuid } = await openWithMember(onTestFinished)
  const { db, identity, owner, member, root } = projects
  for (const project of ['uninitialized', 'active'] as const) {
    for (const state of APPLICATION_STATES) {
      for (const by of [owner, member, root]) {
        const what = `${row.action} of a ${state} application of an ${project} project by ${by.email}`
        await tryOut(db, async (tx) => {
          const submitted =
            project === 'active'
              ? await submitModification(identity, tx, projects.actorOf(owner), uuid, { description: 'new' })
              : await applyFor(projects, tx)
          const path = { application: submitted.application, project: submitted.project }
          await bring(tx, projects, path.application, state)
          await tx.run(sql`DELETE FROM identity.mails`)
          const refusal = await refusalOf(decideApplication(identity, tx, projects.actorOf(by), path, row.action, 'because'))
          const application = await tx.one<Record<string, unknown>>(sql`
            SELECT state, response, response_actor AS "by", waive_reason AS waived, waive_actor AS "waivedBy"
            FROM identity.applications WHERE id = ${path.application}`)
          const mayDecide = by === root || (row.byApplicant && by === owner)
          if (!mayDecide || state !== row.from) {
            expect([what, refusal?.kind]).toEqual([what, mayDecide ? 'conflict' : 'forbidden'])
            expect([what, application['state']]).toEqual([what, state])
            expect([what, await mailed(tx)]).toEqual([what, []])
            return
          }
          expect([what, refusal]).toEqual([what, undefined])
          const note = row.byApplicant ? { waived: 'because', waivedBy: by.uuid } : { response: 'because', by: by.uuid }
          expect([what, application]).toMatchObject([what, { state: row.to, ...note }])
          const after = await facts(tx, path.project, member)
          expect([what, after!.state]).toEqual([what, row.project[project]])
          expect([what, await mailed(tx)]).toEqual([what, expected(row.mails)])
          await expectInvariants(tx)
        })
      }
    }
  }
})

test('a change is applied for where a project is approved, replaces the one that waits, and brings a project back', async ({
  onTestFinished,
}) => {
  const { projects, uuid } = await openWithMember(onTestFinished)
  const { db, identity, owner, root } = projects
  for (const state of PROJECT_STATES) {
    await tryOut(db, async (tx) => {
      await putInState(tx, uuid, state)
      const apply = (by: TestUser, description: string) =>
        submitModification(identity, tx, projects.actorOf(by), uuid, { description, name: 'renamed.example.org' })
      const isApproved = ['active', 'suspended', 'terminated'].includes(state)
      if (!isApproved) {
        expect([state, (await refusalOf(apply(owner, 'x')))?.kind]).toEqual([state, 'conflict'])
        return
      }
      const first = await apply(owner, 'first')
      const second = await apply(root, 'second')
      const states = await tx.any(sql`
        SELECT state FROM identity.applications WHERE id IN (${first.application}, ${second.application}) ORDER BY id`)
      expect([state, states]).toEqual([state, [{ state: 'replaced' }, { state: 'pending' }]])
      expect([state, await mailed(tx)]).toEqual([state, expected(Array(2).fill(['modification@example.test', /modification/]))])
      await expectInvariants(tx)
      await decideApplication(identity, tx, asOperator, { application: second.application }, 'approve')
      expect([state, await facts(tx, uuid, owner)]).toMatchObject([state, { state: 'active', name: 'renamed.example.org' }])
      await expectInvariants(tx)
    })
  }
})

test('a new project grants the defaults of what nobody asked for, to it and to its members', async ({ onTestFinished }) => {
  const { projects, uuid } = await openWithMember(onTestFinished)
  await projects.db.run(sql`UPDATE identity.resources SET project_default = 7 WHERE name = 'cyclades.cpu'`)
  const other = await projects.db.transaction((tx) => createProject(projects, tx))
  const limits = (project: string) =>
    projects.db.any(sql`
      SELECT resource, project_capacity AS project, member_capacity AS member FROM identity.project_limits
      WHERE project_id = (SELECT id FROM identity.projects WHERE uuid = ${project})
        AND resource IN ('cyclades.cpu', 'cyclades.vm') ORDER BY resource`)
  const vm = { resource: 'cyclades.vm', project: 10n, member: 2n }
  expect(await limits(other)).toEqual([{ resource: 'cyclades.cpu', project: 7n, member: 7n }, vm])
  expect(await limits(uuid)).toEqual([{ resource: 'cyclades.cpu', project: 0n, member: 0n }, vm])
})

test('expired projects end by themselves, with the mail, when settings say so', async ({ onTestFinished }) => {
  const { projects, uuid } = await openWithMember(onTestFinished)
  const { db, tasks, member } = projects
  const run = () => tasks.runOnce('identity.expire-projects')
  expect(await run()).toMatchObject({ terminated: 0 })
  await db.run(sql`UPDATE identity.projects SET end_date = now() - interval '36 hours' WHERE uuid = ${uuid}`)
  expect(await run()).toMatchObject({ terminated: 1, failed: 0 })
  expect(await facts(db, uuid, member)).toMatchObject({
    state: 'terminated',
    actor: 'identity.expire-projects',
    reason: 'expired',
    pays: false,
  })
  expect(await mailed(db)).toEqual(expected(toOwner(/terminated/)))
  await expectInvariants(db)
  expect(await run()).toMatchObject({ terminated: 0 })
})

test('a project that is extended while the run is under way does not end', async ({ onTestFinished }) => {
  const { projects, uuid } = await openWithMember(onTestFinished)
  const { db, tasks } = projects
  await db.run(sql`UPDATE identity.projects SET end_date = now() - interval '36 hours' WHERE uuid = ${uuid}`)
  const waiting = sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  const { run } = await db.transaction(async (tx) => {
    await tx.run(sql`UPDATE identity.projects SET end_date = now() + interval '1 year' WHERE uuid = ${uuid}`)
    const run = tasks.runOnce('identity.expire-projects')
    while ((await db.any(waiting)).length === 0) await new Promise(setImmediate)
    return { run }
  })
  expect(await run).toMatchObject({ terminated: 0, failed: 0 })
  expect(await db.any(sql`SELECT state FROM identity.projects WHERE uuid = ${uuid}`)).toEqual([{ state: 'active' }])
  expect(await mailed(db)).toEqual([])
})

test.for([
  [{ ASTAKOS_PROJECT_EXPIRY_GRACE_DAYS: 2 }, 0],
  [{ ASTAKOS_PROJECT_EXPIRY_GRACE_DAYS: 1 }, 1],
  [{ ASTAKOS_TERMINATE_EXPIRED_PROJECTS: false }, 0],
] as const)('with %o, %i project ends 36 hours late', async ([settings, terminated], { onTestFinished }) => {
  const projects = await openTestProjects(onTestFinished, settings)
  const uuid = await projects.db.transaction((tx) => createProject(projects, tx))
  await projects.db.run(sql`UPDATE identity.projects SET end_date = now() - interval '36 hours' WHERE uuid = ${uuid}`)
  expect(await projects.tasks.runOnce('identity.expire-projects')).toMatchObject({ terminated })
})

test('who asks over and over does not fill the mailbox of the owner', async ({ onTestFinished }) => {
  const { projects, uuid } = await openWithMember(onTestFinished)
  const { db, identity, actorOf, stranger } = projects
  for (let turn = 0; turn < 15; turn += 1) {
    const { id } = await db.transaction((tx) => joinProject(identity, tx, actorOf(stranger), uuid))
    await db.transaction((tx) => actOnMembership(identity, tx, actorOf(stranger), id, 'cancel'))
  }
  expect(await mailed(db)).toEqual(expected(Array(10).fill(['owner@example.test', /membership request/])))
})

test('mails about memberships go to who has to know', async ({ onTestFinished }) => {
  const { projects, uuid } = await openWithMember(onTestFinished)
  const { db, identity, owner, member, stranger, root } = projects
  const told: [string, Mailed][] = []
  async function doing(what: string, mails: Mailed, work: (tx: Tx) => Promise<unknown>) {
    await db.run(sql`DELETE FROM identity.mails`)
    await db.transaction(work)
    expect([what, await mailed(db)]).toEqual([what, expected(mails)])
    told.push([what, mails])
  }
  const policies = (join: string, leave: string) =>
    db.run(sql`UPDATE identity.projects SET join_policy = ${join}, leave_policy = ${leave} WHERE uuid = ${uuid}`)
  let id = 0n
  const join = (who: TestUser) => async (tx: Tx) => {
    id = (await joinProject(identity, tx, projects.actorOf(who), uuid)).id
  }
  const act = (who: TestUser, action: Parameters<typeof actOnMembership>[4]) => (tx: Tx) =>
    actOnMembership(identity, tx, projects.actorOf(who), id, action)
  const toStranger = (subject: RegExp): Mailed => [['stranger@example.test', subject]]
  await policies('moderated', 'moderated')
  await doing('join, to be accepted', toOwner(/membership request/), join(stranger))
  await doing('cancel', [], act(stranger, 'cancel'))
  await doing('join again', toOwner(/membership request/), join(stranger))
  await doing('reject', toStranger(/membership changed/), act(owner, 'reject'))
  await doing('join once more', toOwner(/membership request/), join(stranger))
  await doing('accept', toStranger(/membership changed/), act(owner, 'accept'))
  await doing('leave, to be accepted', toOwner(/leave request/), act(stranger, 'leave'))
  await doing('cancel the leaving', [], act(stranger, 'cancel_leave'))
  await doing('leave again', toOwner(/leave request/), act(stranger, 'leave'))
  await doing('deny the leaving', [], act(owner, 'deny_leave'))
  await doing('suspend', toStranger(/membership changed/), act(root, 'suspend'))
  await doing('unsuspend', toStranger(/membership changed/), act(root, 'unsuspend'))
  await doing('remove', toStranger(/membership changed/), act(owner, 'remove'))
  await doing('enroll', toStranger(/enrolment/), (tx) => enrollPerson(identity, tx, projects.actorOf(owner), uuid, stranger.id))
  await policies('auto', 'auto')
  await doing('leave at once', [], act(stranger, 'leave'))
  await doing('join at once', [], join(stranger))
  await doing('apply for a new project', [['creation@example.test', /new project/]], (tx) => applyFor(projects, tx))
  const texts = await db.any<{ body: string }>(sql`SELECT body FROM identity.mails`)
  expect(texts[0]!.body).toContain('snf-manage project-control --approve')
  expect(told).toHaveLength(17)
  await expectInvariants(db)
  expect(member.email).toBe('member@example.test')
})

/** The owner's project, with a member for whom it pays. */
async function openWithMember(finished: Parameters<typeof openTestProjects>[0]) {
  const projects = await openTestProjects(finished, SETTINGS)
  const { db, identity, member, owner } = projects
  const uuid = await db.transaction((tx) => createProject(projects, tx, { leavePolicy: 'moderated' }))
  await db.transaction((tx) => enrollPerson(identity, tx, projects.actorOf(owner), uuid, member.id))
  await db.run(sql`UPDATE identity.users SET default_project = ${uuid} WHERE id = ${member.id}`)
  await db.run(sql`DELETE FROM identity.mails`)
  return { projects, uuid }
}

/** As if it had always been so. */
async function putInState(tx: Tx, uuid: string, state: ProjectState): Promise<void> {
  await tx.run(sql`
    UPDATE identity.projects SET state = ${state},
      name = CASE WHEN NOT is_base AND ${['active', 'suspended'].includes(state)} THEN realname END
    WHERE uuid = ${uuid}`)
  await tx.run(sql`
    INSERT INTO identity.project_log (project_id, to_state) SELECT id, ${state} FROM identity.projects WHERE uuid = ${uuid}`)
  const { id } = await tx.one<{ id: bigint }>(sql`SELECT id FROM identity.projects WHERE uuid = ${uuid}`)
  await syncLimits(tx, [id])
  if (state === 'active' || state === 'suspended') return
  await tx.run(sql`UPDATE identity.users SET default_project = uuid WHERE default_project = ${uuid}`)
}

/** Brings a pending application to a state, the way it comes there. */
async function bring(tx: Tx, { identity }: Projects, application: bigint, state: ApplicationState): Promise<void> {
  const decide = (action: Decision['action']) => decideApplication(identity, tx, asOperator, { application }, action)
  if (state === 'approved') await decide('approve')
  if (state === 'denied' || state === 'dismissed') await decide('deny')
  if (state === 'dismissed') await decide('dismiss')
  if (state === 'cancelled') await decide('cancel')
  if (state === 'replaced') await tx.run(sql`UPDATE identity.applications SET state = 'replaced' WHERE id = ${application}`)
}

function facts(db: Queryable, uuid: string, { id }: TestUser) {
  return db.maybeOne<{
    state: ProjectState
    name: string
    log: number
    pays: boolean
    from: string
    actor: string
    reason: string
  }>(sql`
    SELECT p.state, p.realname AS name, l.from_state AS "from", l.actor, l.reason,
           (SELECT count(*)::int FROM identity.project_log WHERE project_id = p.id) AS log,
           (SELECT default_project = p.uuid FROM identity.users WHERE id = ${id}) AS pays
    FROM identity.projects p
    CROSS JOIN LATERAL (SELECT * FROM identity.project_log WHERE project_id = p.id ORDER BY id DESC LIMIT 1) AS l
    WHERE p.uuid = ${uuid}`)
}

async function mailed(db: Queryable): Promise<[string, string][]> {
  const mails = await db.any<{ recipient: string; subject: string }>(sql`
    SELECT recipient, subject FROM identity.mails ORDER BY recipient, id`)
  return mails.map(({ recipient, subject }) => [recipient, subject])
}

const expected = (mails: Mailed) => mails.map(([recipient, subject]) => [recipient, expect.stringMatching(subject)])
