import { runLine } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { openTestCompute, type TestCompute } from '../testing.ts'
import { computeCommands } from './index.ts'

const run = ({ compute }: TestCompute, ...line: string[]) => runLine({ commands: computeCommands, context: { compute }, line })

test('servers are listed and shown as they should be and as they are', async ({ onTestFinished }) => {
  const cloud = await openTestCompute(onTestFinished)
  const alice = await cloud.person()
  const id = await alice.server()
  expect((await run(cloud, 'server-list', '--build', '--output-format', 'json')).out).toContain('BUILD(0%)')
  await cloud.settle()
  const [line] = JSON.parse(
    (await run(cloud, 'server-list', '--output-format', 'json', '-o', 'id,state,flavor,ipv4,user.uuid')).out,
  )
  expect(line).toMatchObject({ id: String(id), state: 'ACTIVE', flavor: 'C1R512D2ext_archipelago', 'user.uuid': alice.uuid })
  expect((await run(cloud, 'server-list', '--filter-by', `id>${id}`, '--no-headers')).out.trim()).toBe('')
  const { uuid, caller } = alice
  const emails = ['--display-mails', '-u', caller.email, '-p', uuid, '--output-format', 'json', '-o', 'user.email']
  expect(JSON.parse((await run(cloud, 'server-list', ...emails)).out)).toEqual([{ 'user.email': caller.email }])
  expect((await run(cloud, 'server-list', '--deleted', '--no-headers')).out.trim()).toBe('')
  expect((await run(cloud, 'server-show', `snf-${id}`)).out).toMatch(/state|status/)
  expect((await run(cloud, 'server-show', '4711')).status).toBe(1)
  expect((await run(cloud, 'server-show', 'web')).status).toBe(2)
})

test('flavors are made in every combination, and one that exists is told', async ({ onTestFinished }) => {
  const cloud = await openTestCompute(onTestFinished)
  const made = await run(cloud, 'flavor-create', '1,2', '1023', '7', '1')
  expect(made).toMatchObject({ status: 0, err: expect.stringContaining('C2R1024D7ext_archipelago') })
  expect(await run(cloud, 'flavor-create', '1', '1024', '7', '1')).toMatchObject({
    status: 1,
    err: expect.stringContaining('already'),
  })
  expect((await run(cloud, 'flavor-create', '1', '1024', '7', '99')).status).toBe(1)
  expect((await run(cloud, 'flavor-create', 'many', '1024', '7', '1')).status).toBe(2)
  const listed = await run(cloud, 'flavor-list', '--filter-by', 'disk=7')
  expect(listed.out.match(/ext_archipelago/g)).toHaveLength(4)
})

test('what is on a backend without a server, and the other way round, is reported and mended on demand', async ({
  onTestFinished,
}) => {
  const cloud = await openTestCompute(onTestFinished)
  const alice = await cloud.person()
  const id = await alice.server()
  await cloud.settle()
  expect((await run(cloud, 'reconcile-servers')).out).not.toContain('snf-')
  await cloud.hypervisor.remove(`snf-${id}`, 'by-hand')
  await cloud.hypervisor.create({ name: 'snf-9999', cpus: 1, ramBytes: 1, disks: [], nics: [] }, 'by-hand-too')
  const found = (await run(cloud, 'reconcile-servers')).out
  expect(found).toMatch(new RegExp(`snf-${id}.*stale`))
  expect(found).toMatch(/snf-9999.*orphan/)
  expect((await run(cloud, 'reconcile-servers', '--fix-all')).status).toBe(0)
  expect((await run(cloud, 'reconcile-servers')).out).not.toContain('snf-')
  expect((await alice.send('GET', `/servers/${id}`)).body.server.status).toBe('DELETED')
  expect(Object.values(await cloud.usage(alice)).filter((used) => used !== 0n)).toEqual([])
})
