// For the tests of projects: people with parts to play, projects of theirs, and what must be true of the ledger at any time.
import { openSimulated } from '@synnefo/engine-mail'
import { Fault } from '@synnefo/lib/fault'
import { silentLog } from '@synnefo/lib/log'
import { type Db, type Queryable, sql, type Tx } from '@synnefo/lib/sql'
import { openTasks } from '@synnefo/lib/tasks'
import { openTestDatabase } from '@synnefo/lib/testing'
import { expect, type onTestFinished } from 'vitest'
import { type Identity, migrations } from '../index.ts'
import type { IdentitySettings } from '../settings/index.ts'
import { identityTasks } from '../tasks/index.ts'
import { createTestUser, openTestIdentity, type TestUser } from '../testing.ts'
import { type Actor, personActor } from './actor.ts'
import { decideApplication } from './applications/decide.ts'
import type { ProjectRequest } from './applications/fields.ts'
import { type Applicant, submitNewProject } from './applications/submit.ts'

export interface Projects {
  db: Db
  identity: Identity
  /** A project admin. */
  root: TestUser
  owner: TestUser
  member: TestUser
  stranger: TestUser
  actorOf(user: TestUser): Applicant
  tasks: ReturnType<typeof openTasks>
}

export async function openTestProjects(
  finished: typeof onTestFinished,
  settings: Partial<IdentitySettings> = {},
): Promise<Projects> {
  const db = await openTestDatabase(finished, [migrations])
  const admins: string[] = []
  const identity = await openTestIdentity(finished, db, { settings: { ASTAKOS_PROJECT_ADMINS: admins, ...settings } })
  const root = await createTestUser(identity, { email: 'root@example.test' })
  admins.push(root.uuid)
  return {
    db,
    identity,
    root,
    owner: await createTestUser(identity, { email: 'owner@example.test' }),
    member: await createTestUser(identity, { email: 'member@example.test' }),
    stranger: await createTestUser(identity, { email: 'stranger@example.test' }),
    actorOf: (user) => ({ ...personActor(identity, user, '192.0.2.1'), userId: user.id }),
    tasks: openTasks(db, silentLog, identityTasks, { identity, mailer: openSimulated() }),
  }
}

const NEXT_YEAR = () => new Date(Date.now() + 365 * 24 * 3600 * 1000)
let names = 0

/** Applies for a project in the owner's name; answers its uuid and the number of the application. */
export function applyFor(projects: Projects, tx: Tx, request: ProjectRequest = {}) {
  names += 1
  const { identity, actorOf, owner } = projects
  const limits = { 'cyclades.vm': { member: 2n, project: 10n } }
  const wanted = { name: `project-${names}.example.org`, endDate: NEXT_YEAR(), limits, ...request }
  return submitNewProject(identity, tx, actorOf(owner), wanted)
}

/** An active project of the owner. */
export async function createProject(projects: Projects, tx: Tx, request: ProjectRequest = {}): Promise<string> {
  const { project, application } = await applyFor(projects, tx, request)
  await decideApplication(projects.identity, tx, projects.actorOf(projects.root), { application }, 'approve')
  return project
}

/** What the promise is refused with, as kind and words; undefined when it is not. */
export async function refusalOf(work: Promise<unknown>): Promise<{ kind: string; message: string } | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { kind: error.kind, message: error.message }
  }
}

/** Runs the work and takes it all back: the next one starts from where this one did. */
export async function tryOut(db: Db, work: (tx: Tx) => Promise<void>): Promise<void> {
  const over = new Error('over')
  const failure = await db
    .transaction(async (tx) => {
      await work(tx)
      throw over
    })
    .catch((error: unknown) => error)
  if (failure !== over) throw failure
}

export const asOperator: Actor = { name: 'snf-manage', userId: null, isAdmin: true, address: '' }

/** What holds at any time, whatever happened: violations, which there must not be. */
export async function expectInvariants(db: Queryable): Promise<void> {
  const limitsThatDisagree = sql`
    SELECT h.holder, h.source, h.resource, h."limit", w."limit" AS wanted
    FROM identity.holdings h FULL JOIN (
      SELECT 'project:' || p.uuid AS holder, '' AS source, l.resource,
             CASE WHEN p.state = 'active' THEN l.project_capacity ELSE 0 END AS "limit"
      FROM identity.projects p JOIN identity.project_limits l ON l.project_id = p.id
      WHERE p.state IN ('active', 'suspended', 'terminated')
      UNION ALL
      SELECT 'user:' || u.uuid, 'project:' || p.uuid, l.resource,
             CASE WHEN p.state = 'active' AND m.state IN ('accepted', 'leave_requested') THEN l.member_capacity ELSE 0 END
      FROM identity.memberships m JOIN identity.projects p ON p.id = m.project_id
      JOIN identity.project_limits l ON l.project_id = p.id JOIN identity.users u ON u.id = m.user_id
      WHERE m.initialized AND p.state IN ('active', 'suspended', 'terminated')
    ) AS w ON w.holder = h.holder AND w.source = h.source AND w.resource = h.resource
    WHERE h."limit" IS DISTINCT FROM w."limit"`
  const projectsTooFull = sql`
    SELECT p.realname FROM identity.projects p WHERE p.max_members < (
      SELECT count(*) FROM identity.memberships m
      WHERE m.project_id = p.id AND m.state IN ('accepted', 'leave_requested', 'suspended'))`
  const severalPending = sql`
    SELECT project_id FROM identity.applications WHERE state = 'pending' GROUP BY project_id HAVING count(*) > 1`
  const pendingThatAreOld = sql`
    SELECT a.id FROM identity.applications a WHERE a.state = 'pending'
    AND EXISTS (SELECT FROM identity.applications n WHERE n.project_id = a.project_id AND n.id > a.id)`
  const namesOfTwo = sql`
    SELECT realname FROM identity.projects WHERE state IN ('active', 'suspended') AND NOT is_base
    GROUP BY realname HAVING count(*) > 1`
  const namesOutOfPlace = sql`
    SELECT realname, name, state FROM identity.projects WHERE NOT is_base
    AND name IS DISTINCT FROM CASE WHEN state IN ('active', 'suspended') THEN realname END`
  const chargesThatDisagree = sql`
    SELECT u.uuid, h.usage_min, h.usage_max FROM identity.users u
    JOIN identity.holdings h ON h.resource = 'astakos.pending_app'
      AND (h.holder = 'user:' || u.uuid AND h.source = 'project:' || u.uuid OR h.holder = 'project:' || u.uuid)
    WHERE (h.usage_min, h.usage_max) IS DISTINCT FROM (
      SELECT ROW(count(*), count(*)) FROM identity.applications a WHERE a.applicant_id = u.id AND a.state = 'pending')`
  const payingWhereTheyMayNot = sql`
    SELECT u.uuid FROM identity.users u JOIN identity.projects p ON p.uuid = u.default_project
    WHERE p.state NOT IN ('active', 'suspended') OR NOT EXISTS (
      SELECT FROM identity.memberships m WHERE m.user_id = u.id AND m.project_id = p.id
      AND m.state IN ('accepted', 'leave_requested', 'suspended'))`
  const statesWithoutLog = sql`
    SELECT m.id FROM identity.memberships m WHERE m.state IS DISTINCT FROM (
      SELECT l.to_state FROM identity.membership_log l WHERE l.membership_id = m.id ORDER BY l.id DESC LIMIT 1)
    UNION ALL SELECT p.id FROM identity.projects p WHERE p.state IS DISTINCT FROM (
      SELECT l.to_state FROM identity.project_log l WHERE l.project_id = p.id ORDER BY l.id DESC LIMIT 1)`
  const violations = {
    limitsThatDisagree: await db.any(limitsThatDisagree),
    projectsTooFull: await db.any(projectsTooFull),
    severalPending: await db.any(severalPending),
    pendingThatAreOld: await db.any(pendingThatAreOld),
    namesOfTwo: await db.any(namesOfTwo),
    namesOutOfPlace: await db.any(namesOutOfPlace),
    chargesThatDisagree: await db.any(chargesThatDisagree),
    payingWhereTheyMayNot: await db.any(payingWhereTheyMayNot),
    statesWithoutLog: await db.any(statesWithoutLog),
  }
  expect(Object.fromEntries(Object.entries(violations).filter(([, rows]) => rows.length > 0))).toEqual({})
}
