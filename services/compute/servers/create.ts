import { audit, type Caller } from '@synnefo/identity'
import { imageForServer } from '@synnefo/image'
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import { createServerPorts, type PortRequest } from '@synnefo/network'
import { createServerVolumes } from '@synnefo/volume'
import { chooseBackend } from '../backends/choose.ts'
import { type Compute, instanceName } from '../compute.ts'
import { flavorForServer } from '../flavors/flavors.ts'
import { keyPairsNamed } from '../key-pairs/key-pairs.ts'
import { upsertMetadata } from '../store/server-parts.ts'
import { insertServer, type ServerRow, serverById, setServerTask } from '../store/servers.ts'
import { GIB } from '../units.ts'
import { sealBuild } from './builds.ts'
import { checkMetadata } from './metadata.ts'
import { checkPersonality, type Personality } from './personality.ts'
import { newIntent, RUN_SERVERS } from './power.ts'
import { charge, quantitiesOf } from './quota.ts'
import { checkAdminPassword, newAdminPassword } from './secrets.ts'
import { announce } from './settle.ts'

export interface NewServer {
  name: string
  flavorId: bigint
  imageId: string
  /** Uuid; the caller's default project when absent. */
  project?: string
  metadata?: Readonly<Record<string, string>>
  personality?: readonly Personality[]
  /** The default networks of the cloud when absent; none when empty. */
  networks?: readonly PortRequest[]
  keyNames?: readonly string[]
  adminPass?: string
}

export interface CreatedServer {
  server: ServerRow
  /** Shown this once. */
  adminPass: string
}

/**
 * Reserves everything that the server needs and records that it should be built; the task `compute.run-servers` makes
 * it so after commit. All or nothing: a refusal leaves no trace.
 */
export async function createServer(compute: Compute, caller: Caller, wanted: NewServer): Promise<CreatedServer> {
  const { settings } = compute
  checkName(wanted.name)
  const metadata = checkMetadata(wanted.metadata ?? {}, {}, settings)
  const files = checkPersonality(wanted.personality ?? [], settings)
  const password = wanted.adminPass === undefined ? newAdminPassword() : checkAdminPassword(wanted.adminPass)
  const keyNames = [...new Set(wanted.keyNames ?? [])]
  return compute.db.transaction(async (tx) => {
    const project = projectFor(caller, wanted.project)
    const flavor = await flavorForServer(tx, caller, project, wanted.flavorId)
    const image = await imageForServer(tx, caller, wanted.imageId)
    const keyPairs = await keyPairsNamed(tx, caller, keyNames)
    const sizeBytes = BigInt(flavor.diskGib) * GIB
    if (image.sizeBytes > sizeBytes) {
      throw new Fault(
        'badRequest',
        `Image '${image.name}' needs a disk of ${gibOf(image.sizeBytes)} GiB or more; flavor ${flavor.id} has ${flavor.diskGib} GiB.`,
      )
    }
    const backend = await chooseBackend(compute, tx)
    const { userId } = caller
    const id = await insertServer(tx, {
      name: wanted.name,
      userId,
      project,
      sharedToProject: false,
      backend,
      flavorId: flavor.id,
      imageId: image.id,
      keyNames,
    })
    await upsertMetadata(tx, id, metadata)
    await createServerPorts(tx, {
      viewer: caller,
      serverId: id,
      requests: wanted.networks,
      maximum: settings.GANETI_MAX_NICS_PER_INSTANCE,
    })
    const volumes = await createServerVolumes(tx, {
      serverId: id,
      userId,
      project,
      sizeGib: flavor.diskGib,
      volumeTypeId: flavor.volumeTypeId,
      image: { id: image.id, version: image.version, mapId: image.mapId },
    })
    const diskBytes = volumes.reduce((sum, volume) => sum + volume.sizeBytes, 0n)
    await sealBuild(compute, tx, id, {
      password,
      authorizedKeys: keyPairs.map(({ content }) => content),
      files,
      properties: image.properties,
    })
    const name = instanceName(compute, id)
    await charge(tx, {
      name: `BUILD ${name}`,
      userId,
      project,
      quantities: quantitiesOf('BUILD', flavor, 'BUILD', diskBytes),
      autoAccept: true,
    })
    await setServerTask(tx, id, { task: 'BUILD', intent: newIntent(compute, id, 'BUILD'), commission: null })
    await audit(tx, { service: 'compute', actor: userId, action: 'server-create', target: `server:${id}` })
    announce(tx, { userId })
    tx.wakes(RUN_SERVERS)
    return { server: await created(tx, id), adminPass: password }
  })
}

async function created(tx: Tx, id: bigint): Promise<ServerRow> {
  const server = await serverById(tx, id)
  if (!server) throw new Error(`server ${id} is not there right after it was made`)
  return server
}

export function checkName(name: string): string {
  if (name.length > 255) throw new Fault('badRequest', 'The name of a server has at most 255 characters.')
  if (name.includes('\0')) throw new Fault('badRequest', 'The name of a server cannot hold NUL characters.')
  return name
}

function projectFor(caller: Caller, project: string | undefined): string {
  const chosen = project ?? caller.projects[0]
  if (chosen === undefined) throw new Fault('badRequest', 'You are not a member of any project, so a project must be named.')
  if (!caller.projects.includes(chosen)) throw new Fault('badRequest', `You are not a member of project ${chosen}.`)
  return chosen
}

const gibOf = (bytes: bigint) => (bytes + GIB - 1n) / GIB
