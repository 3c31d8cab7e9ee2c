// What the pages of projects are answered: lists that are searched, sorted and paged on the server, members with their usage,
// several members at once, and what a change would change.
import { sql } from '@synnefo/lib/sql'
import { expect, type onTestFinished, test } from 'vitest'
import { issueCommission } from '../../index.ts'
import { personActor } from '../../projects/actor.ts'
import { submitModification } from '../../projects/applications/submit.ts'
import { enrollPerson, joinProject } from '../../projects/memberships/act.ts'
import { asOperator, createProject, expectInvariants } from '../../projects/open-test-projects.ts'
import { type ProjectPage, pageOfProjects, SORTS } from '../../store/project-pages.ts'
import { createTestUser, type TestUser } from '../../testing.ts'
import { openTestApi } from '../open-test-api.ts'
import { openTestBrowser } from '../open-test-browser.ts'

const PASSWORD = 'down the rabbit hole'

async function openCloud(finished: typeof onTestFinished) {
  const admins: string[] = []
  const api = await openTestApi(finished, { ASTAKOS_PROJECT_ADMINS: admins, ASTAKOS_PAGINATE_BY: 3, ASTAKOS_PAGINATE_BY_ALL: 2 })
  const { identity, db } = api
  const person = (name: string) =>
    createTestUser(identity, { email: `${name}@example.test`, firstName: name, lastName: 'Person', password: PASSWORD })
  const [root, owner, member, stranger] = [
    await person('root'),
    await person('owner'),
    await person('member'),
    await person('stranger'),
  ]
  admins.push(root.uuid)
  const actorOf = (user: TestUser) => ({ ...personActor(identity, user, ''), userId: user.id })
  const world = { db, identity, root, owner, member, stranger, actorOf, tasks: api.tasks }
  async function browser(user: TestUser) {
    const opened = openTestBrowser(api)
    await opened.send('POST', 'login', { email: user.email, password: PASSWORD })
    await opened.send('GET', 'session')
    return opened
  }
  const create = (form: Parameters<typeof createProject>[2]) => db.transaction((tx) => createProject(world, tx, form))
  return { ...api, ...world, browser, create }
}

const names = (body: { projects: { name: string }[] }) => body.projects.map(({ name }) => name)

test('projects are found by any part of their name, sorted, and paged to the end', async ({ onTestFinished }) => {
  const { owner, stranger, root, db, browser, create } = await openCloud(onTestFinished)
  const day = (n: number) => new Date(Date.UTC(2100, 0, n))
  for (const [n, name] of ['delta.Cats.org', 'alpha.cats.org', 'echo.dogs.org', 'Bravo.cats.org', 'charlie.cats.org'].entries()) {
    await create({ name, endDate: day(9 - n) })
  }
  await create({ name: 'hidden.cats.org', endDate: day(20), private: true })
  const page = await browser(stranger)
  async function all(query: string) {
    const found: string[] = []
    for (let after = ''; ; ) {
      const { status, body } = await page.send('GET', `projects?scope=search&${query}${after && `&after=${after}`}`)
      expect(status).toBe(200)
      expect(body.projects.length).toBeLessThanOrEqual(2)
      found.push(...names(body))
      if (body.next === null) return found
      after = encodeURIComponent(body.next)
    }
  }
  const sorted = ['alpha.cats.org', 'Bravo.cats.org', 'charlie.cats.org', 'delta.Cats.org']
  expect(await all('q=CATS')).toEqual(sorted)
  expect(await all('q=cats.org&sort=-name')).toEqual(sorted.toReversed())
  expect(await all('q=c&sort=created')).toEqual([
    'delta.Cats.org',
    'alpha.cats.org',
    'echo.dogs.org',
    'Bravo.cats.org',
    'charlie.cats.org',
  ])
  expect(await all('sort=ends')).toEqual([
    'charlie.cats.org',
    'Bravo.cats.org',
    'echo.dogs.org',
    'alpha.cats.org',
    'delta.Cats.org',
  ])
  expect(await all('sort=-ends&q=do')).toEqual(['echo.dogs.org'])
  expect(await all('q=%25')).toEqual([])
  expect(await all('q=nothing')).toEqual([])
  for (const query of [
    `q=${'x'.repeat(201)}`,
    'sort=size',
    'after=nonsense',
    'after=WyJhIiwieCJd',
    'limit=0',
    'scope=all',
    'sort=ends&after=WyJhIiwiMSJd',
  ]) {
    expect([query, (await page.send('GET', `projects?${query}`)).status]).toEqual([query, 400])
  }
  const admin = await browser(root)
  expect(names((await admin.send('GET', 'projects?scope=search&q=hidden')).body)).toEqual(['hidden.cats.org'])
  const withSystem = (await admin.send('GET', 'projects?show_base=1&limit=100&sort=created')).body
  expect(names(withSystem)).toEqual(
    expect.arrayContaining(['System project', `[system] ${owner.email} owner Person`, 'hidden.cats.org']),
  )
  for (const sort of ['name', '-name', 'created', '-ends']) {
    const first = (await admin.send('GET', `projects?show_base=1&limit=4&sort=${sort}`)).body
    const second = (
      await admin.send('GET', `projects?show_base=1&limit=100&sort=${sort}&after=${encodeURIComponent(first.next)}`)
    ).body
    expect([sort, new Set([...first.projects, ...second.projects].map(({ id }: { id: string }) => id)).size]).toEqual([sort, 10])
  }
  await db.run(sql`UPDATE identity.projects SET state = 'deleted', name = NULL WHERE realname = 'echo.dogs.org'`)
  expect(await all('q=dogs')).toEqual([])
})

test('the list shows to each what concerns him', async ({ onTestFinished }) => {
  const { db, identity, owner, member, stranger, browser, create, actorOf } = await openCloud(onTestFinished)
  const open = await create({ name: 'open.example.org', joinPolicy: 'auto', leavePolicy: 'closed' })
  await create({ name: 'other.example.org', private: true })
  await db.transaction((tx) => joinProject(identity, tx, actorOf(member), open))
  const change = await db.transaction((tx) => submitModification(identity, tx, actorOf(owner), open, { description: 'x' }))
  const rows = async (user: TestUser, query = '') => (await (await browser(user)).send('GET', `projects${query}`)).body.projects
  expect(names({ projects: await rows(owner) })).toEqual(['System project', 'open.example.org', 'other.example.org'])
  expect((await rows(owner))[1]).toMatchObject({
    id: open,
    status: 'Active',
    isOwner: true,
    canModify: true,
    members: { approved: 1, pending: 0 },
    pendingApplication: Number(change.application),
    membership: null,
    owner: { id: owner.uuid, email: owner.email },
    actions: ['join'],
  })
  expect((await rows(member))[1]).toMatchObject({
    status: null,
    isOwner: false,
    members: null,
    pendingApplication: null,
    membership: { id: expect.any(Number), state: 'accepted' },
    owner: { id: owner.uuid, email: null },
    actions: [],
  })
  expect(await rows(stranger)).toHaveLength(1)
  expect((await rows(stranger, '?scope=search'))[0]).toMatchObject({ id: open, actions: ['join'], membership: null })
})

test('a page of a project shows limits to all who may see it, and usage to those who are in it', async ({ onTestFinished }) => {
  const { db, identity, owner, member, stranger, root, browser, create } = await openCloud(onTestFinished)
  const id = await create({ name: 'open.example.org', maxMembers: 5n, limits: { 'cyclades.vm': { member: 2n, project: 9n } } })
  await db.transaction((tx) => enrollPerson(identity, tx, asOperator, id, member.id))
  const common = { resource: 'cyclades.vm', quantity: 2n }
  const provisions = [
    { holder: `user:${member.uuid}`, source: `project:${id}`, ...common },
    { holder: `project:${id}`, source: null, ...common },
  ] as const
  await db.transaction((tx) => issueCommission(tx, { provisions, autoAccept: true }))
  const page = async (user: TestUser) => (await browser(user)).send('GET', `projects/${id}`)
  const vm = async (user: TestUser) =>
    (await page(user)).body.resources.find(({ resource }: { resource: string }) => resource === 'cyclades.vm')
  const limits = { resource: 'cyclades.vm', unit: null, member: 2, project: 9 }
  expect(await vm(stranger)).toEqual(limits)
  expect(await vm(member)).toEqual({ ...limits, memberUsage: 2, projectUsage: 2 })
  expect(await vm(owner)).toEqual({ ...limits, memberUsage: 0, projectUsage: 2 })
  expect((await page(owner)).body).toMatchObject({ placesLeft: 4, members: { approved: 1, pending: 0 } })
  expect((await page(stranger)).body).not.toHaveProperty('placesLeft')
  const members = (await (await browser(owner)).send('GET', `projects/${id}/members`)).body.members
  expect(members[0].usage).toContainEqual({ resource: 'cyclades.vm', limit: 2, usage: 2 })
  await db.run(sql`UPDATE identity.projects SET private = true`)
  expect((await page(stranger)).status).toBe(403)
  expect((await (await browser(root)).send('GET', `projects/${owner.uuid}`)).body).toMatchObject({
    name: `[system] ${owner.email} owner Person`,
    canModify: true,
  })
})

test('members are paged, several decided about at once, and people added by their addresses', async ({ onTestFinished }) => {
  const { db, identity, owner, member, stranger, root, browser, create, actorOf } = await openCloud(onTestFinished)
  const id = await create({ name: 'open.example.org', leavePolicy: 'moderated', maxMembers: 3n })
  const people = [member, stranger, root, ...(await Promise.all([1, 2].map(() => createTestUser(identity))))]
  const ids: bigint[] = []
  for (const each of people) ids.push((await db.transaction((tx) => joinProject(identity, tx, actorOf(each), id))).id)
  const page = await browser(owner)
  const first = (await page.send('GET', `projects/${id}/members?state=pending`)).body
  expect(first).toMatchObject({ counts: { approved: 0, pending: 5 }, next: Number(ids[2]) })
  expect(first.members[0]).toMatchObject({
    id: Number(ids[0]),
    user: member.uuid,
    email: member.email,
    name: 'member Person',
    state: 'requested',
    joinedAt: null,
    actions: ['accept', 'reject'],
    usage: [],
  })
  const second = (await page.send('GET', `projects/${id}/members?state=pending&after=${first.next}`)).body
  expect([second.members.length, second.next]).toEqual([2, null])

  const batch = (action: string, members: bigint[]) =>
    page.send('POST', `projects/${id}/members/${action}`, { members: members.map(String) })
  const accepted = (await batch('accept', [...ids.slice(0, 4), ids[0]!, 4711n])).body.results
  expect(accepted.map(({ done }: { done: boolean }) => done)).toEqual([true, true, true, false, false])
  expect(accepted[3]).toEqual({ member: String(ids[3]), done: false, message: expect.stringContaining('as many members') })
  expect(accepted[4]).toEqual({ member: '4711', done: false, message: 'There is no such member: 4711' })
  expect((await batch('reject', ids.slice(3))).body.results).toHaveLength(2)
  const approved = (await page.send('GET', `projects/${id}/members?state=approved`)).body
  expect(approved).toMatchObject({ counts: { approved: 3, pending: 0 } })
  expect(approved.members[0]).toMatchObject({ joinedAt: expect.any(String), actions: ['remove'] })

  const own = await browser(member)
  expect((await own.send('POST', `memberships/${ids[0]}/leave`, {})).body).toEqual({
    id: String(ids[0]),
    state: 'leave_requested',
  })
  expect((await own.send('POST', `memberships/${ids[0]}/deny_leave`, {})).status).toBe(403)
  expect((await own.send('POST', `memberships/${ids[0]}/cancel_leave`, {})).body.state).toBe('accepted')
  await own.send('POST', `memberships/${ids[0]}/leave`, {})
  expect((await page.send('POST', `memberships/${ids[0]}/deny_leave`, {})).body.state).toBe('accepted')
  expect((await page.send('POST', `memberships/${ids[0]}/suspend`, {})).status).toBe(403)
  expect((await (await browser(root)).send('POST', `memberships/${ids[0]}/suspend`, {})).body.state).toBe('suspended')
  expect((await batch('remove', ids.slice(0, 2))).body.results).toHaveLength(2)

  const adding = (addresses: string) => page.send('POST', `projects/${id}/members`, { addresses })
  const unknown = await adding(`${stranger.email}, nobody@example.test\nnoone@example.test`)
  expect(unknown.status).toBe(409)
  expect(unknown.text).toContain('Unknown users: nobody@example.test, noone@example.test')
  const added = (await adding(`${stranger.email.toUpperCase()},\n ${people[3]!.email}; ${root.email}`)).body.results
  expect(added).toEqual(
    expect.arrayContaining([
      { member: stranger.email, done: true },
      { member: people[3]!.email, done: true },
      { member: root.email, done: false, message: expect.stringContaining('Already a member') },
    ]),
  )
  expect((await adding(' , ')).status).toBe(400)
  expect((await adding(Array.from({ length: 101 }, (_, n) => `p${n}@example.test`).join())).status).toBe(400)
  await expectInvariants(db)

  for (const other of [own, await browser(stranger)]) {
    expect((await other.send('GET', `projects/${id}/members`)).status).toBe(403)
    expect((await other.send('POST', `projects/${id}/members`, { addresses: 'nobody@example.test' })).status).toBe(403)
  }
  page.forgetCsrfToken()
  expect((await adding(people[4]!.email)).status).toBe(403)
  expect((await batch('remove', ids)).status).toBe(403)
})

test('a change is summed up before it is asked for, and the same again for who decides', async ({ onTestFinished }) => {
  const { db, identity, owner, stranger, root, browser, create, actorOf } = await openCloud(onTestFinished)
  const id = await create({
    name: 'open.example.org',
    description: 'cats',
    maxMembers: 5n,
    limits: { 'cyclades.vm': { member: 2n, project: 9n } },
  })
  const page = await browser(owner)
  const resources = {
    'cyclades.vm': { member_capacity: 1, project_capacity: 20 },
    'cyclades.cpu': { member_capacity: 0, project_capacity: 0 },
  }
  const form = { name: 'open.example.org', description: 'dogs', max_members: 'inf', resources }
  const wanted = {
    fields: [
      { field: 'description', old: 'cats', new: 'dogs' },
      { field: 'maxMembers', old: 5, new: 9223372036854775807n },
    ],
    resources: [
      {
        resource: 'cyclades.vm',
        unit: null,
        member: { old: 2, new: 1, difference: -1 },
        project: { old: 9, new: 20, difference: 11 },
      },
    ],
  }
  const exact = (body: object) =>
    JSON.parse(JSON.stringify(body, (_, value) => (typeof value === 'bigint' ? Number(value) : value)))
  expect((await page.send('POST', `projects/${id}/summary`, form)).body).toEqual(exact(wanted))
  expect((await page.send('POST', `projects/${id}/summary`, { name: 'open' })).status).toBe(400)
  expect((await page.send('POST', 'projects/summary', { ...form, end_date: '2100-01-01T00:00:00Z' })).body.fields).toContainEqual(
    {
      field: 'name',
      old: null,
      new: 'open.example.org',
    },
  )
  expect((await (await browser(stranger)).send('POST', `projects/${id}/summary`, form)).status).toBe(403)
  expect((await (await browser(root)).send('POST', `projects/${root.uuid}/summary`, form)).status).toBe(409)

  const limits = { 'cyclades.vm': { member: 1n, project: 20n } }
  const asked = { description: 'dogs', maxMembers: 9223372036854775807n, limits, comments: 'more dogs' }
  const { application } = await db.transaction((tx) => submitModification(identity, tx, actorOf(owner), id, asked))
  const shown = (await page.send('GET', `applications/${application}`)).body
  expect(shown).toMatchObject({ project: id, name: 'open.example.org', isChange: true, state: 'pending', comments: 'more dogs' })
  expect(shown.differences).toEqual(exact(wanted))
  expect(shown.actions).toEqual(['cancel'])
  expect((await (await browser(root)).send('GET', `applications/${application}`)).body.actions).toEqual([
    'approve',
    'deny',
    'cancel',
  ])
  expect((await (await browser(stranger)).send('GET', `applications/${application}`)).status).toBe(403)
  expect((await page.send('GET', 'applications/4711')).status).toBe(404)
})

test('the form says what it offers and whether another application may be made', async ({ onTestFinished }) => {
  const { db, owner, root, browser } = await openCloud(onTestFinished)
  await db.run(sql`UPDATE identity.holdings SET "limit" = 0 WHERE resource = 'astakos.pending_app'`)
  const form = async (user: TestUser) => (await (await browser(user)).send('GET', 'projects/form')).body
  expect(await form(owner)).toMatchObject({
    membersLimitChoices: ['Unlimited', 5, 15, 50, 100],
    canApply: false,
    applicationsLeft: 0,
    isProjectAdmin: false,
  })
  expect(await form(root)).toMatchObject({ canApply: true, isProjectAdmin: true })
  const offered = (await form(owner)).resources.map(({ resource }: { resource: string }) => resource)
  expect(offered).toContain('cyclades.vm')
  expect(offered).not.toContain('astakos.pending_app')
})

test('no page of projects reads the whole table, however many there are', async ({ onTestFinished }) => {
  const { db, owner } = await openCloud(onTestFinished)
  await db.run(sql`
    INSERT INTO identity.projects (uuid, realname, name, owner_id, created_at, end_date, join_policy, leave_policy, max_members, state)
    SELECT 'p' || n, md5(n::text) || '.example.org', md5(n::text) || '.example.org', ${owner.id}, now() - n * interval '1 minute',
           now() + n * interval '1 minute', 'auto', 'auto', 5, 'active'
    FROM generate_series(1, 4000) AS n`)
  await db.run(sql`ANALYZE identity.projects`)
  const plan = async (change: Partial<ProjectPage>) => {
    const page = {
      viewer: -1n,
      from: 'public',
      withSystem: false,
      search: undefined,
      sort: 'name',
      descending: false,
      after: undefined,
      limit: 50,
    } as const
    const explained: string[] = []
    const explaining = {
      ...db,
      any: async (query: ReturnType<typeof sql>) => {
        const rows = await db.any<Record<string, string>>(sql`EXPLAIN ${query}`)
        explained.push(...rows.map((row) => Object.values(row)[0]!))
        return []
      },
    } as unknown as typeof db
    await pageOfProjects(explaining, { ...page, ...change })
    return explained.join('\n')
  }
  const pages: Partial<ProjectPage>[] = SORTS.flatMap((sort) =>
    (['public', 'all'] as const).flatMap((from) =>
      [false, true].flatMap((descending) => [
        { sort, from, descending },
        ...(from === 'all' ? [{ sort, from, descending, withSystem: true }] : []),
      ]),
    ),
  )
  const searches: Partial<ProjectPage>[] = ['abcdef', 'abc'].map((search) => ({ search }))
  for (const page of [...pages, ...searches, { from: 'related' as const }]) {
    expect([page, await plan(page)]).toEqual([page, expect.not.stringMatching(/Seq Scan on projects/)])
  }
  expect(await plan({ search: 'abcdef' })).toMatch(/projects_name_parts|projects_public_by_name/)
})
