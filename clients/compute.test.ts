// The client against the real service, over HTTP.
import { openTestCompute } from '@synnefo/compute/testing'
import { expect, test } from 'vitest'
import { openCompute } from './compute.ts'
import { connect } from './http.ts'

test('a server from creation to deletion', async ({ onTestFinished }) => {
  const cloud = await openTestCompute(onTestFinished)
  const person = await cloud.person()
  const compute = openCompute(connect({ baseUrl: cloud.url, token: person.token }))
  const [flavor] = await compute.listFlavors()
  const imageRef = await person.image()

  const created = await compute.createServer({ name: 'web', flavorRef: flavor!.id, imageRef, metadata: { OS: 'debian' } })
  expect(created).toMatchObject({ name: 'web', status: 'BUILD', metadata: { OS: 'debian' } })
  expect(created.adminPass.length).toBeGreaterThanOrEqual(10)

  await cloud.settle()
  const { id } = created
  const built = await compute.showServer(id)
  expect(built).toMatchObject({ status: 'ACTIVE', progress: 100, flavor: { id: flavor!.id }, image: { id: imageRef } })
  expect(built.attachments[0]?.ipv4).toMatch(/^\d+\.\d+\.\d+\.\d+$/)
  expect(await compute.listServers()).toEqual([built])
  expect(await compute.listDiagnostics(id)).toBeInstanceOf(Array)

  await compute.renameServer(id, 'web-2')
  await compute.shutdownServer(id)
  await cloud.settle()
  expect(await compute.showServer(id)).toMatchObject({ name: 'web-2', status: 'STOPPED' })
  await expect(compute.shutdownServer(id)).rejects.toMatchObject({ status: 400, kind: 'badRequest' })
  await compute.startServer(id)
  await cloud.settle()
  await compute.rebootServer(id)
  await cloud.settle()

  for (const kind of ['vnc', 'serial'] as const) {
    const { url } = await compute.openConsole(id, kind)
    expect(url).toMatch(/^\/cyclades\/consoles\/./)
  }

  await compute.deleteServer(id)
  await cloud.settle()
  expect(await compute.listServers()).toEqual([])
})

test('key pairs are made, taken over and deleted', async ({ onTestFinished }) => {
  const cloud = await openTestCompute(onTestFinished)
  const person = await cloud.person()
  const compute = openCompute(connect({ baseUrl: cloud.url, token: person.token }))

  const made = await compute.createKeyPair('made here')
  expect(made.private_key).toMatch(/PRIVATE KEY/)
  const taken = await compute.createKeyPair('mine', made.public_key)
  expect(taken).toMatchObject({ fingerprint: made.fingerprint })
  expect(taken).not.toHaveProperty('private_key')
  await expect(compute.createKeyPair('mine', made.public_key)).rejects.toMatchObject({ status: 409 })
  await expect(compute.createKeyPair('bad', 'garbage')).rejects.toMatchObject({ status: 400 })

  await compute.deleteKeyPair('made here')
  expect((await compute.listKeyPairs()).map(({ name }) => name)).toEqual(['mine'])
})
