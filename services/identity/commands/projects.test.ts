// Projects as operators list, show, decide about and change them. Scripts read this output: it is compared with what is
// written here, in all its forms.
import { sql } from '@synnefo/lib/sql'
import { expect, type onTestFinished, test } from 'vitest'
import { submitModification } from '../projects/applications/submit.ts'
import { joinProject } from '../projects/memberships/act.ts'
import { applyFor, createProject, expectInvariants, openTestProjects } from '../projects/open-test-projects.ts'
import { commandLine } from './testing.ts'

const WHEN = new Date('2031-05-06T07:08:09Z')

/** Four projects: active with a member and a change that waits, waiting itself, denied, and gone. */
async function openCloud(finished: typeof onTestFinished) {
  const projects = await openTestProjects(finished)
  const { db, identity, owner, member } = projects
  const manage = commandLine(identity)
  const common = { endDate: new Date('2030-01-31T00:00:00Z'), homepage: 'https://example.org', description: 'Cats, and dogs' }
  const active = await db.transaction((tx) =>
    createProject(projects, tx, { ...common, name: 'active.example.org', joinPolicy: 'auto', maxMembers: 5n }),
  )
  const waiting = await db.transaction((tx) =>
    applyFor(projects, tx, { ...common, name: 'waiting.example.org', comments: 'please' }),
  )
  const denied = await db.transaction((tx) => applyFor(projects, tx, { ...common, name: 'denied.example.org' }))
  await manage(`project-control --deny ${denied.application} -m 'not now'`)
  const gone = await db.transaction((tx) => createProject(projects, tx, { ...common, name: 'gone.example.org' }))
  await manage(`project-control --terminate ${gone}`)
  await db.transaction((tx) => joinProject(identity, tx, projects.actorOf(member), active))
  const change = await db.transaction((tx) =>
    submitModification(identity, tx, projects.actorOf(owner), active, {
      description: 'Cats only',
      maxMembers: 9n,
      limits: { 'cyclades.ram': { member: 2n ** 31n, project: 2n ** 33n } },
      comments: 'dogs left',
    }),
  )
  await db.run(sql`UPDATE identity.projects SET created_at = ${WHEN}`)
  await db.run(sql`UPDATE identity.project_log SET at = ${WHEN}`)
  await db.run(sql`UPDATE identity.applications SET issued_at = ${WHEN}`)
  /** What differs from run to run stands for itself. */
  const words: [string, string][] = [
    [active, '<active>'],
    [waiting.project, '<waiting>'],
    [denied.project, '<denied>'],
    [gone, '<gone>'],
    [owner.uuid, '<owner>'],
    [member.uuid, '<member>'],
  ]
  const shown = async (line: string) => {
    const { status, out, err } = await manage(line)
    const text = words.reduce((all, [id, word]) => all.replaceAll(id, word.padEnd(36)), out)
    return `${line.replaceAll(/[0-9a-f-]{36}/g, (id) => words.find(([each]) => each === id)?.[1] ?? id)}\n${status} ${err}\n${text}`
  }
  return { ...projects, manage, shown, active, waiting, denied, gone, change }
}

test('projects are listed and shown', async ({ onTestFinished }) => {
  const { shown, active, waiting } = await openCloud(onTestFinished)
  const lines = [
    'project-list',
    'project-list --new',
    'project-list --modified -o name,pending_app',
    'project-list --pending -o name,status --no-headers',
    'project-list --deleted -o name,status,description,end_date,creation_date,deactivation_date --output-format csv',
    'project-list --system-projects -o name,owner --filter-by is_base=true,name__contains=nobody',
    'project-list -o name --output-format json --filter-by name=active.example.org',
    'project-list -o name --filter-by owner=Owner@Example.test,state=active',
    'project-list -o name --filter-by owner=stranger@example.test',
    'project-list -o name,user.email --display-mails --user owner@example.test --filter-by state=active',
    'project-list --list-fields',
    'project-list --list-filters',
    `project-show ${active}`,
    `project-show ${active} --members --quota --pending-app --unit-style gb`,
    `project-show ${waiting.project} --pending-app --output-format json`,
    'project-show nobodys',
  ]
  let written = ''
  for (const line of lines) written += `$ ${await shown(line)}\n`
  expect(written).toMatchSnapshot()
})

test('decisions are taken with their reason, one at a time', async ({ onTestFinished }) => {
  const { manage, db, active, waiting, denied, gone, change } = await openCloud(onTestFinished)
  const refused = (message: string) => ({ status: 1, out: '', err: `CommandError: ${message}\n` })
  const done = { status: 0, out: '', err: '' }
  expect(await manage('project-control')).toEqual(refused('No operation specified.'))
  expect(await manage(`project-control --suspend ${active} --check-expired`)).toEqual(
    refused('Only one operation may be specified.'),
  )
  expect(await manage(`project-control --approve ${denied.application}`)).toEqual(
    refused('Cannot approve an application that is denied'),
  )
  expect(await manage('project-control --approve 4711')).toEqual(refused('There is no application 4711'))
  expect(await manage('project-control --approve x')).toEqual(refused("'x' is no number of an application"))
  expect(await manage(`project-control --suspend nobodys`)).toEqual(refused('There is no project nobodys'))
  expect(await manage(`project-control --approve ${change.application} -m 'go on'`)).toEqual(done)
  expect(await manage(`project-control --approve ${waiting.application}`)).toEqual(done)
  for (const operation of ['suspend', 'unsuspend', 'terminate', 'reinstate']) {
    expect(await manage(`project-control --${operation} ${active} --message 'because of ${operation}'`)).toEqual(done)
  }
  expect(await manage(`project-control --reinstate ${gone}`)).toEqual(done)
  const log = await db.any(sql`
    SELECT l.to_state AS state, l.actor, l.reason FROM identity.project_log l JOIN identity.projects p ON p.id = l.project_id
    WHERE p.uuid = ${active} ORDER BY l.id OFFSET 2`)
  expect(log).toEqual([
    { state: 'active', actor: 'snf-manage', reason: 'go on' },
    { state: 'suspended', actor: 'snf-manage', reason: 'because of suspend' },
    { state: 'active', actor: 'snf-manage', reason: 'because of unsuspend' },
    { state: 'terminated', actor: 'snf-manage', reason: 'because of terminate' },
    { state: 'active', actor: 'snf-manage', reason: 'because of reinstate' },
  ])
  await expectInvariants(db)
})

test('projects whose time has run out are shown and ended', async ({ onTestFinished }) => {
  const { manage, db, active } = await openCloud(onTestFinished)
  const nothing = { status: 0, out: '', err: 'No expired projects.\n' }
  expect(await manage('project-control --check-expired')).toEqual(nothing)
  expect(await manage('project-control --terminate-expired')).toEqual(nothing)
  expect(await manage(`project-modify ${active} --end-date 2020-1-2T3:4:5Z`)).toMatchObject({ status: 0 })
  const { out } = await manage('project-control --check-expired --output-format json')
  const expired = {
    Project: active,
    Name: 'active.example.org',
    Status: 'Active',
    'Expiration date': '2020-01-02T03:04:05.000Z',
  }
  expect(JSON.parse(out)).toEqual([expired])
  expect(await manage('project-control --terminate-expired')).toEqual({
    status: 0,
    out: '',
    err: `Terminating project active.example.org (${active}): done\n`,
  })
  expect(await manage('project-control --check-expired')).toEqual(nothing)
  expect(await db.one(sql`SELECT state FROM identity.projects WHERE uuid = ${active}`)).toEqual({ state: 'terminated' })
})

test('a project is changed without an application, and quota follows', async ({ onTestFinished }) => {
  const { manage, db, active, waiting, member, stranger } = await openCloud(onTestFinished)
  const line = [
    `project-modify ${active} --name other.example.org --owner ${stranger.email} --homepage https://other.example.org`,
    "--description 'new words' --end-date 2032-02-03T04:05:06+02:00 --join-policy closed --leave-policy moderated",
    '--max-members 7 --private yes --limit cyclades.vm 3 30 --limit cyclades.ram 2GiB inf',
  ].join(' ')
  expect(await manage(line)).toEqual({ status: 0, out: '', err: '' })
  expect(
    await db.one(sql`
      SELECT name, realname, o.email AS owner, homepage, description, end_date AS ends, join_policy AS joining,
             leave_policy AS leaving, max_members AS members, private
      FROM identity.projects p JOIN identity.users o ON o.id = p.owner_id WHERE p.uuid = ${active}`),
  ).toEqual({
    name: 'other.example.org',
    realname: 'other.example.org',
    owner: stranger.email,
    homepage: 'https://other.example.org',
    description: 'new words',
    ends: new Date('2032-02-03T02:05:06Z'),
    joining: 'closed',
    leaving: 'moderated',
    members: 7n,
    private: true,
  })
  const limits = await db.any(sql`
    SELECT resource, "limit" FROM identity.holdings
    WHERE holder = ${`user:${member.uuid}`} AND source = ${`project:${active}`} AND resource IN ('cyclades.vm', 'cyclades.ram')
    ORDER BY resource`)
  expect(limits).toEqual([
    { resource: 'cyclades.ram', limit: 2n ** 31n },
    { resource: 'cyclades.vm', limit: 3n },
  ])
  await expectInvariants(db)
  for (const [words, message] of [
    [`${waiting.project} --max-members 3`, 'Cannot modify a project that is uninitialized'],
    [`${active} --name gone`, 'Project name should be in domain format'],
    [`${active} --limit cyclades.dreams 1 1`, 'There is no resource cyclades.dreams'],
    [`${active} --limit cyclades.vm 1 many`, "'many' is no quantity: a number, perhaps with a unit such as GiB, or inf"],
    [`${active} --end-date soon`, "'soon' is no date such as 2030-01-31T12:00:00Z"],
    [`${active} --join-policy open`, "'open' is no policy: one of auto, moderated, closed"],
    [`${active} --owner nobody@example.test`, "Unknown user with id|email 'nobody@example.test'"],
    [`${active}`, 'Nothing to change: name a limit or another option'],
    [`${active} --exclude ${active} --max-members 3`, '--exclude goes with --all-system-projects'],
    ['--max-members 3', 'Give the uuid of a project, or --all-system-projects'],
    [`${active} --all-system-projects --max-members 3`, 'Give either the uuid of a project or --all-system-projects'],
    ['--all-system-projects --homepage https://x.example.org', 'The homepage of system projects cannot be changed'],
    [`${member.uuid} --description mine`, 'The description of a system project cannot be changed'],
  ]) {
    expect(await manage(`project-modify ${words}`)).toEqual({ status: 1, out: '', err: `CommandError: ${message}\n` })
  }
  const other = await db.one<{ uuid: string }>(sql`SELECT uuid FROM identity.projects WHERE realname = 'gone.example.org'`)
  await manage(`project-control --reinstate ${other.uuid}`)
  expect(await manage(`project-modify ${active} --name gone.example.org`)).toMatchObject({
    status: 1,
    err: 'CommandError: There is a project named gone.example.org already\n',
  })
})

test('the limits of all system projects change together, but for those that are named', async ({ onTestFinished }) => {
  const { manage, db, owner, member } = await openCloud(onTestFinished)
  expect(await manage(`project-modify --all-system-projects --exclude ${owner.uuid} --limit cyclades.vm 17 18`)).toEqual({
    status: 0,
    out: '',
    err: 'Changed 3 system projects.\n',
  })
  const limitOf = ({ uuid }: { uuid: string }) =>
    db.any(sql`
      SELECT "limit" FROM identity.holdings
      WHERE resource = 'cyclades.vm' AND (holder = ${`user:${uuid}`} AND source = ${`project:${uuid}`} OR holder = ${`project:${uuid}`})
      ORDER BY holder DESC`)
  expect(await limitOf(member)).toEqual([{ limit: 17n }, { limit: 18n }])
  expect(await limitOf(owner)).not.toContainEqual({ limit: 17n })
  await expectInvariants(db)
})
