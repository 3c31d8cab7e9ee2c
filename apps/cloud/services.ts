// The services of a cloud, opened in their order over its engines. The cloud's process and snf-manage both stand on this.
import { type Compute, migrations as computeMigrations, openCompute, seedCompute } from '@synnefo/compute'
import type { Hypervisor } from '@synnefo/engine-hypervisor'
import { openQueue, type Queue } from '@synnefo/engine-queue'
import { type Identity, migrations as identityMigrations, openIdentity, registerCatalog } from '@synnefo/identity'
import type { ImageService } from '@synnefo/image'
import type { Log } from '@synnefo/lib/log'
import { type Db, migrate, openDatabase } from '@synnefo/lib/sql'
import { type NetworkService, migrations as networkMigrations, seedNetwork } from '@synnefo/network'
import { fixConfiguration, type ObjectStore, migrations as objectStoreMigrations, openObjectStore } from '@synnefo/object-store'
import { type VolumeService, migrations as volumeMigrations } from '@synnefo/volume'
import { cipherOf, openBlocks } from './block-key.ts'
import { freeSubnet } from './free-subnet.ts'
import { secretKey } from './secret-key.ts'
import type { CloudSettings } from './settings.ts'
import { untilReachable } from './until-reachable.ts'

export interface ServicesOptions {
  log: Log
  settings: CloudSettings
  databaseUrl: string
  /** How the process is called in the database's list of sessions. */
  name: string
  /** Where people reach the cloud unless a setting says otherwise. */
  baseUrl: () => string
  folders: {
    blocks: string
    secrets: string
    /** With the operator's texts of mails; a later one wins. */
    templates?: readonly string[]
  }
  hypervisor: Hypervisor
  /** It answers requests: see `openDatabase`. */
  byIndex?: boolean
}

export interface Services {
  db: Db
  identity: Identity
  objectStore: ObjectStore
  network: NetworkService
  image: ImageService
  volume: VolumeService
  compute: Compute
  /** Tells others what happened, and us what happened elsewhere. */
  queue: Queue
  /** Migrations that this start brought. */
  migrated: readonly string[]
  close(): Promise<void>
}

/** In the order of the services. */
const MIGRATIONS = [identityMigrations, objectStoreMigrations, networkMigrations, volumeMigrations, computeMigrations]

/** Brings the database up to date, gives a new cloud what it begins with, and opens everything. */
export async function openServices(options: ServicesOptions): Promise<Services> {
  const { log, settings, databaseUrl, name, baseUrl, folders, hypervisor, byIndex = false } = options
  const db = openDatabase({ url: databaseUrl, log, name, poolSize: settings.SYNNEFO_DATABASE_CONNECTIONS, byIndex })
  await untilReachable(db, log)
  const applied = await migrate(db, MIGRATIONS)
  if (applied.length > 0) log.info({ applied }, 'brought the database up to date')

  const secret = await secretKey(folders.secrets)
  const cipher = cipherOf(settings, secret)
  // Before anything is stored with a key that is not the one of this cloud.
  const verifiedSeconds = settings.PITHOS_VERIFY_HOURS * 3600
  const blocks = await fixConfiguration(db, { blockSizeBytes: settings.PITHOS_BACKEND_BLOCK_SIZE }, cipher)
    .then(() => openBlocks({ folder: folders.blocks, cipher, verifiedSeconds }))
    .catch(async (error) => {
      await db.close()
      throw error
    })
  const queue = openQueue(settings, { db, log })
  const base = { db, log, settings, baseUrl: () => settings.SYNNEFO_BASE_URL || baseUrl() }
  const identity = await openIdentity({
    ...base,
    secretKey: secret,
    templateFolders: folders.templates,
  })
  const objectStore = await openObjectStore({ db, blocks, settings, log })
  const backends = [{ name: 'local', kind: 'builtin' as const, hypervisor }]
  const compute = await openCompute({ ...base, identity, objectStore, backends })

  await registerCatalog(identity)
  const publicNetwork = await freeSubnet(settings.PUBLIC_NETWORK_CIDR)
  await db.transaction(async (tx) => {
    await seedNetwork(tx, { ...settings, PUBLIC_NETWORK_CIDR: publicNetwork })
    await seedCompute(tx)
  })
  return {
    db,
    identity,
    objectStore,
    network: { ...base, identity, pollLimitSeconds: settings.POLL_LIMIT },
    image: { ...base, identity, objectStore },
    volume: { ...base, identity, objectStore },
    compute,
    queue,
    migrated: applied,
    async close() {
      compute.close()
      await queue.close()
      await hypervisor.close()
      await identity.close()
      await objectStore.socketIo?.close()
      await blocks.close()
      await db.close()
    },
  }
}
