// The object store (Pithos) as a client sees it.
import type { Connection } from './http.ts'
import { ApiError } from './http.ts'
import { groupHeader, linkHeaders, metadataHeaders, policyHeaders, readGroups, writeSharing } from './object-headers.ts'
import type {
  ArchiveKind,
  Blocks,
  BulkDeleted,
  Container,
  ContainerPolicy,
  Entry,
  Extracted,
  LinkLimits,
  Listing,
  Metadata,
  ObjectPlace,
  Restored,
  RestoreOptions,
  SharedContainer,
  Sharing,
  TransferOptions,
  Version,
} from './object-shapes.ts'

export type * from './object-shapes.ts'

const pathOf = ({ container, name }: ObjectPlace) =>
  `/${encodeURIComponent(container)}/${name.split('/').map(encodeURIComponent).join('/')}`

const ROOT = '/pithos/object-store/v1'

/** A flag of the API counts by being there. */
const flag = (wanted: boolean | undefined) => (wanted ? '' : undefined)

/** The object store, for one account: one's own, or one of which something is shared. */
export type ObjectStore = ReturnType<typeof openObjectStore>

export function openObjectStore(cloud: Connection, account: string) {
  const accountPath = `${ROOT}/${encodeURIComponent(account)}`
  const containerPath = (container: string) => `${accountPath}/${encodeURIComponent(container)}`
  const objectPath = (container: string, name: string) =>
    `${containerPath(container)}/${name.split('/').map(encodeURIComponent).join('/')}`
  const transfer = async (method: 'COPY' | 'MOVE', from: string, to: ObjectPlace, { delimiter, metadata }: TransferOptions) => {
    const headers = {
      Destination: pathOf(to),
      'Destination-Account': to.account ?? account,
      ...(metadata ? metadataHeaders(metadata) : {}),
    }
    await cloud.send(method, from, { query: { delimiter }, headers })
  }
  return {
    /** Other people of whom something is shared with the caller. */
    listSharers: async () =>
      (await cloud.json<{ name: string }[]>('GET', `${ROOT}/`, { query: { format: 'json' } })).map(({ name }) => name),
    listContainers: ({ shared, published }: Pick<Listing, 'shared' | 'published'> = {}) =>
      cloud.json<Container[]>('GET', accountPath, {
        query: { format: 'json', shared: flag(shared), public: flag(published) },
      }),
    /** Of somebody else. */
    listSharedContainers: () => cloud.json<SharedContainer[]>('GET', accountPath, { query: { format: 'json' } }),
    createContainer: async (container: string, policy: ContainerPolicy = {}) => {
      await cloud.send('PUT', containerPath(container), { headers: policyHeaders(policy) })
    },
    /** What is left out stays. */
    changeContainer: async (container: string, policy: ContainerPolicy) => {
      await cloud.send('POST', containerPath(container), { query: { update: '' }, headers: policyHeaders(policy) })
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
    /** The names of metadata that objects of a container carry. */
    async metadataNames(container: string): Promise<string[]> {
      const { headers } = await cloud.send('HEAD', containerPath(container))
      const names = decodeURIComponent(headers.get('x-container-object-meta') ?? '')
      return names === '' ? [] : names.split(',')
    },

    listGroups: async () => readGroups((await cloud.send('HEAD', accountPath)).headers),
    /** Makes a group, or replaces who is in it; it goes when nobody is. */
    async setGroup(name: string, members: readonly string[]) {
      await cloud.send('POST', accountPath, { query: { update: '' }, headers: groupHeader(name, members) })
    },

    listObjects: (container: string, { shared, published, ...query }: Listing) =>
      cloud.json<Entry[]>('GET', containerPath(container), {
        query: { ...query, shared: flag(shared), public: flag(published), format: 'json' },
      }),
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
      const headers = {
        Destination: pathOf({ container, name }),
        'Destination-Account': account,
        'X-Source-Version': String(version),
      }
      await cloud.send('COPY', objectPath(container, name), { headers })
    },
    /** Changes metadata; an empty value takes an item away, what is not named stays. */
    async setMetadata(container: string, name: string, metadata: Metadata) {
      await cloud.send('POST', objectPath(container, name), { query: { update: '' }, headers: metadataHeaders(metadata) })
    },
    /** The content as it is now, for who reads it to the end, with the entity tag that `writeContent` asks for. */
    async readContent(container: string, name: string) {
      const answer = await cloud.send('GET', objectPath(container, name))
      return { content: await answer.blob(), etag: answer.headers.get('etag') ?? '' }
    },
    /** Replaces the content of an object and keeps everything else of it; refused (412) when it is no longer what was read. */
    async writeContent(container: string, name: string, content: Blob, etag: string): Promise<void> {
      const headers = {
        'Content-Type': 'application/octet-stream',
        'Content-Range': 'bytes 0-/*',
        'X-Object-Bytes': String(content.size),
        'If-Match': etag,
      }
      await cloud.send('POST', objectPath(container, name), { query: { update: '' }, headers, body: content })
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
    /** To another place, of this account or another one. With a delimiter, everything in the folder of that name comes along. */
    copyObject: (container: string, name: string, destination: ObjectPlace, options: TransferOptions = {}) =>
      transfer('COPY', objectPath(container, name), destination, options),
    moveObject: (container: string, name: string, destination: ObjectPlace, options: TransferOptions = {}) =>
      transfer('MOVE', objectPath(container, name), destination, options),
    /** Makes a container what it was at a moment, or an object of it, with a delimiter also everything in its folder. */
    restore: (container: string, name: string | undefined, options: RestoreOptions) =>
      cloud.json<Restored>('POST', name === undefined ? containerPath(container) : objectPath(container, name), {
        query: { restore: '', ...options },
      }),
    /** Deletes objects, and empty containers, by name. Answers what could not be deleted, and why. */
    async deleteMany(places: readonly (ObjectPlace | { container: string })[]): Promise<BulkDeleted> {
      const names = places.map((place) => ('name' in place ? pathOf(place) : `/${encodeURIComponent(place.container)}`))
      const answer = await cloud.json<Record<string, unknown>>('POST', accountPath, {
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

    /** For what shows the content itself. */
    contentUrl: (container: string, name: string, version?: number) =>
      cloud.url(objectPath(container, name), { 'disposition-type': 'inline', version }),

    /** Makes an object of blocks that the cloud has. Answers the hashes of those it lacks; none when the object is made. */
    async putBlockList(
      container: string,
      name: string,
      blocks: Blocks,
      options: { contentType: string; createOnly?: boolean; metadata?: Metadata; signal?: AbortSignal },
    ): Promise<string[]> {
      const answer = await cloud.send('PUT', objectPath(container, name), {
        query: { hashmap: '', format: 'json' },
        headers: {
          'Content-Type': options.contentType,
          ...(options.createOnly ? { 'If-None-Match': '*' } : {}),
          ...metadataHeaders(options.metadata ?? {}),
        },
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
