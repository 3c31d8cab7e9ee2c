import { readFile } from 'node:fs/promises'
import { type Compute, type ConsoleKind, openCompute, type Server } from '@synnefo/clients/compute'
import { connect } from '@synnefo/clients/http'
import { openImages } from '@synnefo/clients/image'
import { openObjectStore } from '@synnefo/clients/object-store'
import { until } from '@synnefo/lib/testing'
import type { RunningCloud } from './cloud.ts'
import { miniImage } from './mini-image.ts'
import { addPerson } from './person.ts'

/** A build copies nothing, but customises and boots, without KVM, beside other tests. */
export const BUILD_MS = 300_000

export interface RunningServer {
  id: number
  /** Of root in the guest. */
  password: string
  compute: Compute
}

/** A person's server of the smallest size, made from the mini image. */
export async function startServer(cloud: RunningCloud): Promise<RunningServer> {
  const image = await miniImage()
  const { token, uuid } = await addPerson(cloud, 'grace@example.test')
  const connection = connect({ baseUrl: cloud.url, token })
  const object = { account: uuid, container: 'images', name: 'mini.img' }
  await openObjectStore(connection, uuid).createContainer(object.container)
  await connection.send('PUT', `/pithos/object-store/v1/${uuid}/${object.container}/${object.name}`, {
    headers: { 'Content-Type': 'application/octet-stream' },
    body: new Uint8Array(await readFile(image.imagePath)),
  })
  const { id: imageRef } = await openImages(connection).registerImage(object, { name: 'mini', properties: image.properties })
  const compute = openCompute(connection)
  const [flavor] = (await compute.listFlavors()).toSorted((a, b) => a.ram - b.ram)
  const { id, adminPass } = await compute.createServer({ name: 'first', flavorRef: flavor!.id, imageRef })
  await untilStatus(compute, id, 'ACTIVE')
  return { id, password: adminPass, compute }
}

/** Fails at once when the server falls into an error. */
export async function untilStatus(compute: Compute, id: number, status: Server['status']): Promise<void> {
  let last: Server | undefined
  const arrived = async () => {
    last = await compute.showServer(id)
    return last.status === status || last.status === 'ERROR'
  }
  await until(arrived, { patienceMs: BUILD_MS, everyMs: 200 })
  if (last!.status !== status) throw new Error(`the server is in error: ${JSON.stringify(await compute.listDiagnostics(id))}`)
}

/** The address of a console's WebSocket, for whoever opens it first. */
export async function consoleUrl(
  cloud: RunningCloud,
  { id, compute }: Pick<RunningServer, 'id' | 'compute'>,
  kind: ConsoleKind,
): Promise<string> {
  return `${cloud.url.replace('http', 'ws')}${(await compute.openConsole(id, kind)).url}`
}
