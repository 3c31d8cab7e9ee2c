import { argument, type Cell, flag, option, optionalArgument } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import type { Queryable } from '@synnefo/lib/sql'
import { noContainer, noObject } from '../access.ts'
import { unpackHashes } from '../content/content.ts'
import { findContainer } from '../store/containers.ts'
import { mapNameOf } from '../store/imports.ts'
import { findLinkOf } from '../store/links.ts'
import { findMap } from '../store/maps.ts'
import { decidingEntries } from '../store/rights.ts'
import { findCurrent, findCurrentByUuid, findVersion, type VersionRow } from '../store/versions.ts'
import { defineCommand } from './define.ts'

interface Shown {
  account: string
  container: string
  version: VersionRow
}

export const fileShow = defineCommand({
  name: 'file-show',
  summary: 'Show what is on record of an object',
  description:
    'Usage: file-show <account> <container> <object>, or file-show <object uuid>. `pithosmap://<mapfile>/<bytes>` names its content for the deployment of images.',
  input: {
    account: argument('account, or the uuid of the object'),
    container: optionalArgument('container'),
    object: optionalArgument('name of the object'),
    objVersion: option('this version; by default the current one', { placeholder: 'id' }),
    domain: option('domain whose metadata is shown', { default: 'pithos' }),
    hashmap: flag('show the list of blocks as well'),
  },
  async run({ objectStore, identity, terminal }, { account, container, object, objVersion, domain, hashmap }) {
    const { db } = objectStore
    if ((container === undefined) !== (object === undefined))
      throw new Fault('badRequest', 'Give an account, a container and an object, or the uuid of an object')
    const id = objVersion === undefined ? undefined : readVersionId(objVersion)
    const shown =
      container === undefined ? await byUuid(db, account, id) : await byPlace(db, { account, container, name: object! }, id)
    const { version } = shown
    const { createdAt: _, containerId: __, ...facts } = version
    const map = version.mapId === null ? undefined : await findMap(objectStore, version.mapId)
    const metadata = domain === 'pithos' ? facts.metadata : (facts.domains?.[domain] ?? {})
    const record: Record<string, Cell> = {
      name: `${shown.account}/${shown.container}/${version.name}`,
      bytes: version.sizeBytes,
      type: version.contentType,
      hash: version.hash ?? '',
      version: version.id,
      version_timestamp: version.timestamp,
      modified: id === undefined ? version.timestamp : await latestTime(db, version),
      modified_by: version.modifiedBy,
      uuid: version.uuid,
      checksum: version.checksum,
      available: version.available,
      map_check_timestamp: '',
      mapfile: (await mapNameOf(db, version)) ?? (version.mapId === null ? '' : String(version.mapId)),
      is_snapshot: version.isSnapshot,
      ...metadata,
    }
    if (id === undefined)
      Object.assign(record, await attached(db, shown, (link) => `${identity.baseUrl()}/pithos/public/${link}`))
    if (hashmap) record['hashmap'] = map ? unpackHashes(map.hashes) : []
    terminal.record(record)
  },
})

function readVersionId(word: string): bigint {
  if (!/^\d{1,18}$/.test(word)) throw new Fault('badRequest', `'${word}' is no id of a version`)
  return BigInt(word)
}

async function byUuid(db: Queryable, word: string, id: bigint | undefined): Promise<Shown> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(word))
    throw new Fault('badRequest', `'${word}' is no uuid of an object`)
  const found = await findCurrentByUuid(db, word)
  if (!found) throw new Fault('itemNotFound', `There is no object with the uuid '${word}'`)
  const { account, container, name } = found
  return id === undefined ? { account, container, version: found } : byPlace(db, { account, container, name }, id)
}

async function byPlace(
  db: Queryable,
  { account, container, name }: { account: string; container: string; name: string },
  id: bigint | undefined,
): Promise<Shown> {
  const found = await findContainer(db, account, container)
  if (!found) throw noContainer(container)
  const version = id === undefined ? await findCurrent(db, found.id, name) : await findVersion(db, found.id, name, id)
  if (!version) throw id === undefined ? noObject(name) : new Fault('itemNotFound', `Object '${name}' has no version ${id}`)
  return { account, container, version }
}

async function latestTime(db: Queryable, { containerId, name, timestamp }: VersionRow): Promise<string> {
  return (await findCurrent(db, containerId, name))?.timestamp ?? timestamp
}

/** Who may read and write it besides its owner, with the path that says so, and its link. */
async function attached(
  db: Queryable,
  { account, version: { containerId, name }, container }: Shown,
  publicUrl: (link: string) => string,
): Promise<Record<string, Cell>> {
  const [first, ...others] = await decidingEntries(db, account, containerId, name)
  const link = await findLinkOf(db, containerId, name)
  const entries = first ? [first, ...others] : []
  const subjects = (access: string) => entries.filter((entry) => entry.access === access).map(({ subject }) => subject)
  const lists = (['read', 'write'] as const).filter((access) => subjects(access).length > 0)
  return {
    ...(first
      ? {
          permissions: `${account}/${container}/${first.name}: ${lists.map((access) => `${access}=${subjects(access).join(',')}`).join('; ')}`,
        }
      : {}),
    ...(link ? { 'X-Object-Public': publicUrl(link.id) } : {}),
  }
}
