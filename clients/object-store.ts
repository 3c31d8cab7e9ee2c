import type { Connection } from './http.ts'
import { ApiError } from './http.ts'

export interface Container {
  name: string
  count: number
  bytes: number
  last_modified: string
  x_container_policy: { quota: string; versioning: string; project: string }
}

export interface StoredObject {
  name: string
  bytes: number
  hash: string
  content_type: string
  last_modified: string
  x_object_hash: string
  x_object_uuid: string
  x_object_version: number
  /** Seconds since 1970 */
  x_object_version_timestamp: string
  x_object_modified_by: string
  available?: number
  x_object_public?: string
  x_object_sharing?: string
}

/** An entry of a listing with a delimiter: an object, or a folder that stands for many. */
export type Entry = StoredObject | { subdir: string }

/** With whom something is shared: UUIDs, groups as `<uuid>:<name>`, or `*` for everybody. Writing implies reading. */
export interface Sharing {
  read: string[]
  write: string[]
}

export interface PublicLink {
  url: string
  expiresAt?: Date
  downloadsLeft?: number
  hasPassword: boolean
}

/** What is put to the path of an object. */
export interface Attached {
  sharing?: Sharing
  /** Path in the container of the folder that is shared, when it is not the object itself. */
  sharedBy?: string
  link?: PublicLink
}

/** What changes about a public link: null takes a limit away, what is left out stays. */
export interface LinkLimits {
  expiresInSeconds?: number | null
  downloads?: number | null
  password?: string | null
}

export interface Version {
  id: number
  /** Seconds since 1970 */
  timestamp: number
}

export interface Blocks {
  bytes: number
  hashes: string[]
}

export type ArchiveKind = 'tar' | 'tar.gz' | 'zip'

/** What became of an archive; each error is a path in it and a status. */
export interface Extracted {
  'Number Files Created': number
  Errors: [string, string][]
  'Response Status': string
  'Response Body': string
}

export interface ObjectPlace {
  container: string
  name: string
}

export interface TransferOptions {
  delimiter?: string
}

export interface RestoreOptions {
  /** Seconds since 1970, decimals allowed */
  until: number | string
  delimiter?: string
  /** What was not there then stays. */
  keep?: 'new'
}

export interface Restored {
  restored: number
  deleted: number
  unchanged: number
  kept: number
}

export interface BulkDeleted {
  deleted: number
  notFound: number
  /** Paths, each with a status and its name */
  errors: [string, string][]
}

const FOLDER_TYPES = ['application/directory', 'application/folder']
/** Whether an object of this type is a folder. */
export const isFolderType = (type: string) => FOLDER_TYPES.includes(type.split(';')[0]!)

const pathOf = ({ container, name }: ObjectPlace) =>
  `/${encodeURIComponent(container)}/${name.split('/').map(encodeURIComponent).join('/')}`

const destinationHeader = (destination: ObjectPlace) => ({ Destination: pathOf(destination) })

const ROOT = '/pithos/object-store/v1'

export function readSharing(text: string): Sharing {
  const of = (right: string) => new RegExp(`(?:^|; ?)${right}=([^;]+)`).exec(text)?.[1]?.split(',') ?? []
  return { read: of('read'), write: of('write') }
}

export const writeSharing = ({ read, write }: Sharing): string =>
  [read.length > 0 && `read=${read.join(',')}`, write.length > 0 && `write=${write.join(',')}`].filter(Boolean).join(';')

/** What the headers of an object say about its path. */
export function readAttached(headers: Headers): Attached {
  const text = (name: string) => {
    const value = headers.get(name)
    return value === null ? undefined : decodeURIComponent(value)
  }
  const sharing = text('x-object-sharing')
  const sharedBy = text('x-object-shared-by')
  const url = text('x-object-public')
  const expires = headers.get('x-object-public-expires')
  const downloads = headers.get('x-object-public-downloads')
  return {
    ...(sharing === undefined ? {} : { sharing: readSharing(sharing) }),
    ...(sharedBy === undefined ? {} : { sharedBy: sharedBy.split('/').slice(2).join('/') }),
    ...(url === undefined
      ? {}
      : {
          link: {
            url,
            ...(expires === null ? {} : { expiresAt: new Date(expires) }),
            ...(downloads === null ? {} : { downloadsLeft: Number(downloads) }),
            hasPassword: headers.get('x-object-public-password') === 'required',
          },
        }),
  }
}

function linkHeaders({ expiresInSeconds, downloads, password }: LinkLimits): Record<string, string> {
  const stated = {
    'X-Object-Public-Expires': expiresInSeconds,
    'X-Object-Public-Downloads': downloads,
    'X-Object-Public-Password': typeof password === 'string' ? encodeURIComponent(password) : password,
  }
  return Object.fromEntries(
    Object.entries(stated).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value ?? '')]])),
  )
}

const GROUP = 'x-account-group-'

/** The object store (Pithos), for one account. */
export type ObjectStore = ReturnType<typeof openObjectStore>

export function openObjectStore(cloud: Connection, account: string) {
  const containerPath = (container: string) => `${ROOT}/${encodeURIComponent(account)}/${encodeURIComponent(container)}`
  const objectPath = (container: string, name: string) =>
    `${containerPath(container)}/${name.split('/').map(encodeURIComponent).join('/')}`
  return {
    listContainers: () => cloud.json<Container[]>('GET', `${ROOT}/${encodeURIComponent(account)}`, { query: { format: 'json' } }),
    createContainer: async (container: string) => {
      await cloud.send('PUT', containerPath(container))
    },
    deleteContainer: async (container: string) => {
      await cloud.send('DELETE', containerPath(container))
    },
    /** Deletes every object; the container and the history of its objects stay. */
    emptyContainer: async (container: string) => {
      await cloud.send('DELETE', containerPath(container), { query: { delimiter: '/' } })
    },
    /** How this container cuts and names blocks. */
    async blockParameters(container: string) {
      const { headers } = await cloud.send('HEAD', containerPath(container))
      return { blockSize: Number(headers.get('x-container-block-size')), blockHash: headers.get('x-container-block-hash') ?? '' }
    },

    /** Names of groups with their members. */
    async listGroups(): Promise<Map<string, string[]>> {
      const { headers } = await cloud.send('HEAD', `${ROOT}/${encodeURIComponent(account)}`)
      const groups = [...headers].filter(([name]) => name.startsWith(GROUP))
      return new Map(
        groups.map(([name, members]) => [decodeURIComponent(name.slice(GROUP.length)), decodeURIComponent(members).split(',')]),
      )
    },

    listObjects: (
      container: string,
      query: {
        prefix?: string
        delimiter?: string
        marker?: string
        limit?: number
        /** As it was at this moment, in seconds since 1970 */
        until?: number
      },
    ) => cloud.json<Entry[]>('GET', containerPath(container), { query: { ...query, format: 'json' } }),
    /** Undefined when there is none. */
    async showObject(container: string, name: string) {
      const answer = await cloud.send('HEAD', objectPath(container, name), { accept: [404] })
      return answer.status === 404 ? undefined : answer.headers
    },
    /** Headers of a version. */
    showVersion: async (container: string, name: string, version: number) =>
      (await cloud.send('HEAD', objectPath(container, name), { query: { version } })).headers,
    /** Makes the current object like one of its versions. */
    async restoreVersion(container: string, name: string, version: number) {
      const headers = { ...destinationHeader({ container, name }), 'X-Source-Version': String(version) }
      await cloud.send('COPY', objectPath(container, name), { headers })
    },
    /** Replaces with whom a path is shared. */
    async shareObject(container: string, name: string, sharing: Sharing) {
      const headers = { 'X-Object-Sharing': encodeURIComponent(writeSharing(sharing)) }
      await cloud.send('POST', objectPath(container, name), { query: { update: '' }, headers })
    },
    /** Makes a public link, or changes the limits of the one there is. */
    async publishObject(container: string, name: string, limits: LinkLimits) {
      const headers = { 'X-Object-Public': 'true', ...linkHeaders(limits) }
      await cloud.send('POST', objectPath(container, name), { query: { update: '' }, headers })
    },
    async unpublishObject(container: string, name: string) {
      await cloud.send('POST', objectPath(container, name), { query: { update: '' }, headers: { 'X-Object-Public': 'false' } })
    },
    /** Makes the folder an object of its own where it is only what names have in common; one that is there stays as it is. */
    async ensureFolder(container: string, name: string) {
      const headers = { 'Content-Type': 'application/directory', 'If-None-Match': '*' }
      await cloud.send('PUT', objectPath(container, name), { headers, body: '', accept: [412] })
    },
    createFolder: async (container: string, name: string) => {
      await cloud.send('PUT', objectPath(container, name), { headers: { 'Content-Type': 'application/directory' }, body: '' })
    },
    deleteObject: async (container: string, name: string) => {
      await cloud.send('DELETE', objectPath(container, name))
    },
    /** Deletes a folder and everything below. The API starts from the folder's own object, which other clients may never have made. */
    async deleteFolder(container: string, name: string) {
      await this.ensureFolder(container, name)
      await cloud.send('DELETE', objectPath(container, name), { query: { delimiter: '/' } })
    },
    /** To another place of the account. With a delimiter, everything in the folder of that name comes along. */
    copyObject: async (container: string, name: string, destination: ObjectPlace, options: TransferOptions = {}) => {
      await cloud.send('COPY', objectPath(container, name), { query: { ...options }, headers: destinationHeader(destination) })
    },
    moveObject: async (container: string, name: string, destination: ObjectPlace, options: TransferOptions = {}) => {
      await cloud.send('MOVE', objectPath(container, name), { query: { ...options }, headers: destinationHeader(destination) })
    },
    /** Makes a container what it was at a moment, or an object of it, with a delimiter also everything in its folder. */
    restore: (container: string, name: string | undefined, options: RestoreOptions) =>
      cloud.json<Restored>('POST', name === undefined ? containerPath(container) : objectPath(container, name), {
        query: { restore: '', ...options },
      }),
    /** Deletes objects, and empty containers, by name. Answers what could not be deleted, and why. */
    async deleteMany(places: readonly (ObjectPlace | { container: string })[]): Promise<BulkDeleted> {
      const names = places.map((place) => ('name' in place ? pathOf(place) : `/${encodeURIComponent(place.container)}`))
      const answer = await cloud.json<Record<string, unknown>>('POST', `${ROOT}/${encodeURIComponent(account)}`, {
        query: { 'bulk-delete': '', format: 'json' },
        body: names.join('\n'),
      })
      return {
        deleted: Number(answer['Number Deleted']),
        notFound: Number(answer['Number Not Found']),
        errors: answer['Errors'] as [string, string][],
      }
    },
    listVersions: async (container: string, name: string): Promise<Version[]> => {
      const { versions } = await cloud.json<{ versions: [number, string][] }>('GET', objectPath(container, name), {
        query: { version: 'list', format: 'json' },
      })
      return versions.map(([id, timestamp]) => ({ id, timestamp: Number(timestamp) }))
    },
    /** A folder, or without a name the whole container, as one file. */
    archiveUrl: (container: string, folder: string | undefined, kind: ArchiveKind) =>
      cloud.url(folder === undefined ? containerPath(container) : objectPath(container, folder), { archive: kind }),
    /** Makes an object of every file in an archive, below a folder when one is named. */
    extractArchive: (container: string, folder: string | undefined, kind: ArchiveKind, archive: Blob) =>
      cloud.json<Extracted>('PUT', folder === undefined ? containerPath(container) : objectPath(container, folder), {
        query: { 'extract-archive': kind, format: 'json' },
        body: archive,
      }),
    downloadUrl: (container: string, name: string, version?: number) =>
      cloud.url(objectPath(container, name), { 'disposition-type': 'attachment', version }),

    /** Makes an object of blocks that the cloud has. Answers the hashes of those it lacks; none when the object is made. */
    async putBlockList(
      container: string,
      name: string,
      blocks: Blocks,
      options: { contentType: string; createOnly?: boolean; signal?: AbortSignal },
    ): Promise<string[]> {
      const answer = await cloud.send('PUT', objectPath(container, name), {
        query: { hashmap: '', format: 'json' },
        headers: { 'Content-Type': options.contentType, ...(options.createOnly ? { 'If-None-Match': '*' } : {}) },
        body: JSON.stringify(blocks),
        accept: [409],
        ...(options.signal ? { signal: options.signal } : {}),
      })
      if (answer.status !== 409) return []
      const missing: unknown = await answer.json()
      if (Array.isArray(missing)) return missing as string[]
      throw new ApiError(409, 'conflict', 'The object cannot be stored now')
    },
    blockUrl: (container: string) => cloud.url(containerPath(container), { update: '', format: 'json' }),
    /** Sends one block. Answers its hash, as the cloud computed it. */
    async sendBlock(container: string, block: Blob, signal?: AbortSignal): Promise<string> {
      const [hash] = await cloud.json<string[]>('POST', containerPath(container), {
        query: { update: '', format: 'json' },
        headers: { 'Content-Type': 'application/octet-stream' },
        body: block,
        ...(signal ? { signal } : {}),
      })
      return hash ?? ''
    },
  }
}
