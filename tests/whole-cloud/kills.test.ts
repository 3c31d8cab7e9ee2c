// Any of our processes is killed at any moment, again and again, with a machine running, uploads under way and servers
// coming and going. Afterwards the machine still runs, everything acknowledged is there, nothing hangs, and quota says
// what there is.
import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { openCompute } from '@synnefo/clients/compute'
import { connect } from '@synnefo/clients/http'
import { openIdentity } from '@synnefo/clients/identity'
import { openImages } from '@synnefo/clients/image'
import { openObjectStore } from '@synnefo/clients/object-store'
import { until } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { machinesOf, type RunningCloud, startCloud, untilNoMachineRuns } from './cloud.ts'
import { miniImage } from './mini-image.ts'
import { addPerson } from './person.ts'
import { untilStatus } from './servers.ts'

const ROUNDS = 8
const VICTIMS = ['cloud', 'node', 'database', 'supervisor'] as const
/** How long a round waits at most before it kills: the moment of death is the input of this test. */
const ROUND_MS = 1_500
const PATIENCE = { everyMs: 200 }

test('killing our processes loses nothing and leaves nothing hanging', { timeout: 1_200_000 }, async ({ onTestFinished }) => {
  const image = await miniImage()
  const cloud = await startCloud(onTestFinished)
  const { token, uuid } = await addPerson(cloud, 'grace@example.test')
  const connection = connect({ baseUrl: cloud.url, token })
  const [compute, identity] = [openCompute(connection), openIdentity(connection)]
  const store = openObjectStore(connection, uuid)
  const put = (name: string, body: Uint8Array<ArrayBuffer>) =>
    connection.send('PUT', `/pithos/object-store/v1/${uuid}/files/${name}`, {
      headers: { 'Content-Type': 'application/octet-stream' },
      body,
    })

  await store.createContainer('files')
  await put('mini.img', new Uint8Array(await readFile(image.imagePath)))
  const place = { account: uuid, container: 'files', name: 'mini.img' }
  const { id: imageRef } = await openImages(connection).registerImage(place, { name: 'mini', properties: image.properties })
  const [flavor] = (await compute.listFlavors()).toSorted((a, b) => a.ram - b.ram)
  const { id } = await compute.createServer({ name: 'stays', flavorRef: flavor!.id, imageRef })
  await untilStatus(compute, id, 'ACTIVE')
  const machines = machinesOf(cloud.home)
  expect(machines).toHaveLength(1)

  const acknowledged = new Map<string, Uint8Array<ArrayBuffer>>()
  const ending = new AbortController()
  const uploads = Promise.all([1, 2, 3].map((lane) => keepUploading(lane)))
  const others = keepMakingServers()
  const deaths: string[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const victim = VICTIMS[round % VICTIMS.length]!
    const afterMs = randomInt(ROUND_MS)
    await delay(afterMs)
    deaths.push(`${victim} after ${afterMs} ms`)
    await kill(cloud, victim)
  }
  ending.abort()
  await Promise.all([uploads, others])
  console.log(`killed: ${deaths.join(', ')}; ${acknowledged.size} uploads were acknowledged`)

  expect(machinesOf(cloud.home)).toEqual(expect.arrayContaining(machines))
  expect(acknowledged.size).toBeGreaterThan(ROUNDS)
  for (const [name, content] of acknowledged) {
    const answer = await connection.send('GET', `/pithos/object-store/v1/${uuid}/files/${name}`)
    expect(Buffer.from(await answer.arrayBuffer()).equals(content), name).toBe(true)
  }

  await until(async () => (await compute.listServers()).every((server) => server['SNF:task_state'] === ''), PATIENCE)
  for (const server of await compute.listServers()) {
    expect(['ACTIVE', 'ERROR'], server.name).toContain(server.status)
    if (server.id !== id) await compute.deleteServer(server.id)
  }
  await until(async () => (await compute.listServers()).length === 1, PATIENCE)
  expect((await compute.showServer(id)).status).toBe('ACTIVE')
  expect(machinesOf(cloud.home)).toEqual(machines)
  const quotas = (await identity.quotas())[uuid]!
  expect(Object.entries(quotas).filter(([, { pending }]) => BigInt(pending) !== 0n)).toEqual([])
  expect([quotas['cyclades.vm']!.usage, quotas['cyclades.cpu']!.usage].map(BigInt)).toEqual([1n, BigInt(flavor!.vcpus)])
  const [container] = await store.listContainers()
  expect(BigInt(quotas['pithos.diskspace']!.usage)).toBe(BigInt(container!.bytes))

  await compute.deleteServer(id)
  await until(async () => (await compute.listServers()).length === 0, PATIENCE)
  await untilNoMachineRuns(cloud.home)

  /** One object after another, small and of several blocks in turn; what fails is sent again under another name. */
  async function keepUploading(lane: number): Promise<void> {
    for (let turn = 0; !ending.signal.aborted; turn += 1) {
      const name = `lane-${lane}-${turn}`
      const content = new Uint8Array(turn % 2 === 0 ? 3_000 : 5_000_000).fill(lane * 50 + (turn % 50))
      content[turn % 3_000] = 0
      try {
        await put(name, content)
        acknowledged.set(name, content)
      } catch {
        await delay(50) // the cloud is away; nobody was told that this one is kept
      }
    }
  }

  async function keepMakingServers(): Promise<void> {
    while (!ending.signal.aborted) {
      try {
        const { id: made } = await compute.createServer({ name: 'comes and goes', flavorRef: flavor!.id, imageRef })
        await delay(randomInt(ROUND_MS))
        await compute.deleteServer(made)
      } catch {
        await delay(200)
      }
    }
  }
})

/** Kills the process and waits until the cloud answers with another in its place. */
async function kill(cloud: RunningCloud, name: string): Promise<void> {
  const { pid } = (await cloud.status()).processes.find((each) => each.name === name)!
  process.kill(pid, 'SIGKILL')
  await until(async () => {
    const { state, processes } = await cloud.status()
    return state === 'running' && processes.some((each) => each.name === name && each.pid !== pid)
  }, PATIENCE)
}
