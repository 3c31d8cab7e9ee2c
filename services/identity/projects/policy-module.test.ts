// The operator's quota policy module: what it is told, what it may note, and that it can break nothing.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from '@synnefo/lib/sql'
import { temporaryFolder } from '@synnefo/lib/testing'
import { expect, type onTestFinished, test } from 'vitest'
import { activateUser, deactivateUser } from '../index.ts'
import { actOnMembership, enrollPerson, joinProject } from './memberships/act.ts'
import { modifyProject } from './modify.ts'
import { asOperator, createProject, openTestProjects } from './open-test-projects.ts'
import { changeProject } from './transitions.ts'

type Told = [action: string, state: string]

/** A cloud with this module, which says what it was told through a name that only this test knows. */
async function openWith(finished: typeof onTestFinished, name: string, source: string) {
  const folder = await temporaryFolder(finished)
  const path = join(folder, 'policy.mjs')
  const told: Told[] = []
  const shared = globalThis as unknown as Record<string, Told[]>
  shared[name] = told
  finished(() => void delete shared[name])
  await writeFile(path, `const told = globalThis[${JSON.stringify(name)}]\n${source}`)
  const projects = await openTestProjects(finished, { QUOTA_POLICY_MODULE: path })
  return { ...projects, projects, told }
}

test('it is told of every action on memberships and projects, and notes what it thinks', async ({ onTestFinished }) => {
  const cloud = await openWith(
    onTestFinished,
    'told-of-everything',
    `
    export async function membershipAction(action, membership, { setOverquota }) {
      told.push([action, membership.state])
      if (action === 'ENROLL') await setOverquota(membership.id, 'WARNED', new Date('2030-01-01T00:00:00Z'))
      if (action === 'SUSPEND') told.push(['was', membership.overquotaState])
    }
    export function projectAction(action, project) {
      told.push([action, project.state])
    }`,
  )
  const { db, identity, projects, owner, member, actorOf, told } = cloud
  const heard: Told[] = []
  /** Does it, and waits until the module was told. */
  async function doing(work: Parameters<typeof db.transaction>[0]) {
    const result = await db.transaction(work)
    await identity.quotaPolicy.close()
    heard.push(...told.splice(0))
    return result
  }
  const uuid = (await doing((tx) => createProject(projects, tx, { joinPolicy: 'moderated' }))) as string
  const { id } = (await doing((tx) => joinProject(identity, tx, actorOf(member), uuid))) as { id: bigint }
  const act = (action: Parameters<typeof actOnMembership>[4]) =>
    doing((tx) => actOnMembership(identity, tx, asOperator, id, action))
  await act('accept')
  await act('leave')
  await doing((tx) => enrollPerson(identity, tx, actorOf(owner), uuid, member.id))
  await act('suspend')
  await act('unsuspend')
  await act('remove')
  for (const action of ['suspend', 'unsuspend', 'terminate', 'reinstate'] as const) {
    await doing((tx) => changeProject(identity, tx, asOperator, uuid, action))
  }
  await doing((tx) => modifyProject(identity, tx, asOperator, uuid, { maxMembers: 3n }))
  await doing((tx) => deactivateUser(identity, tx, owner.id, 'gone'))
  await doing((tx) => activateUser(identity, tx, owner.id))
  expect(heard).toEqual([
    ['MODIFY', 'active'],
    ['JOIN', 'requested'],
    ['ACCEPT', 'accepted'],
    ['LEAVE', 'removed'],
    ['ENROLL', 'accepted'],
    ['SUSPEND', 'suspended'],
    ['was', 'WARNED'],
    ['UNSUSPEND', 'accepted'],
    ['REMOVE', 'removed'],
    ['SUSPEND', 'suspended'],
    ['UNSUSPEND', 'active'],
    ['TERMINATE', 'terminated'],
    ['REINSTATE', 'active'],
    ['MODIFY', 'active'],
    // The system project, the one that is owned, and the membership in the system project.
    ...Array(3).fill(['SUSPEND', 'suspended']),
    ['was', 'OK'],
    ['UNSUSPEND', 'active'],
    ['UNSUSPEND', 'active'],
    ['UNSUSPEND', 'accepted'],
  ])
  expect(
    await db.one(sql`SELECT overquota_state AS state, overquota_at AS since FROM identity.memberships WHERE id = ${id}`),
  ).toEqual({ state: 'WARNED', since: new Date('2030-01-01T00:00:00Z') })
})

test.for([
  ['throws', "export function membershipAction() { told.push(['threw', '']); throw new Error('no') }"],
  ['throws later', "export async function membershipAction() { told.push(['threw', '']); throw new Error('no') }"],
  ['does not load', 'told.push(["threw", ""])\nthis is no JavaScript'],
  ['has nothing to say', "told.push(['threw', ''])"],
] as const)('a module that %s breaks nothing', async ([how, source], { onTestFinished }) => {
  const { db, identity, projects, member, actorOf, told } = await openWith(onTestFinished, `breaks-nothing ${how}`, source)
  const uuid = await db.transaction((tx) => createProject(projects, tx, { joinPolicy: 'auto' }))
  expect((await db.transaction((tx) => joinProject(identity, tx, actorOf(member), uuid))).state).toBe('accepted')
  await identity.quotaPolicy.close()
  expect(told).toEqual(how === 'does not load' ? [] : [['threw', '']])
})

test('what is rolled back is not told', async ({ onTestFinished }) => {
  const source = "export function membershipAction(action) { told.push([action, '']) }"
  const { db, identity, projects, member, actorOf, told } = await openWith(onTestFinished, 'rolled-back', source)
  const uuid = await db.transaction((tx) => createProject(projects, tx, { joinPolicy: 'auto' }))
  const lost = db.transaction(async (tx) => {
    await joinProject(identity, tx, actorOf(member), uuid)
    throw new Error('lost')
  })
  await expect(lost).rejects.toThrow('lost')
  await identity.quotaPolicy.close()
  expect(told).toEqual([])
})
