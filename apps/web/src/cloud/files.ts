// What pages read of the content of containers. The first word of a key is the topic, as in `queries.ts`.
import { ApiError } from '@synnefo/clients/http'
import { readAttached } from '@synnefo/clients/object-headers'
import { isFolderType } from '@synnefo/clients/object-shapes'
import type { Attached, Entry, StoredObject } from '@synnefo/clients/object-store'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { identity } from './connection.ts'
import { objectStore } from './queries.ts'

/** A container of one's own, or of the account that is named. */
export interface Where {
  container: string
  account?: string | undefined
}

/** The key of everything that is read of a container. */
const keyOf = ({ container, account }: Where) => ['objects', account ?? '', container]

export const FOLDER_PAGE = 100
/** What a listing may have at most, and so what can be put in another order than by name. */
export const WHOLE_FOLDER = 10_000

const within = (folder: string) => ({ delimiter: '/', ...(folder === '' ? {} : { prefix: folder }) })

/** What is wanted of a folder. */
export interface Wanted {
  /** As it was at this moment, in seconds since 1970. */
  until?: number
  /** Only what is shared or has a public link. */
  shared?: boolean
}

const wantedKey = ({ until, shared = false }: Wanted) => [until ?? null, shared]

const listingOf = ({ until, shared }: Wanted) => ({
  ...(until === undefined ? {} : { until }),
  ...(shared ? { shared: true, published: true } : {}),
})

/** One folder, page after page as the cloud cuts them. */
export const folder = (where: Where, prefix: string, wanted: Wanted = {}) =>
  infiniteQueryOptions({
    queryKey: [...keyOf(where), 'folder', prefix, ...wantedKey(wanted)],
    queryFn: ({ pageParam }) =>
      objectStore(where.account).listObjects(where.container, {
        ...within(prefix),
        limit: FOLDER_PAGE,
        ...listingOf(wanted),
        ...(pageParam === '' ? {} : { marker: pageParam }),
      }),
    initialPageParam: '',
    getNextPageParam: (page) => (page.length < FOLDER_PAGE ? undefined : nameOf(page.at(-1)!)),
  })

const nameOf = (entry: Entry) => ('subdir' in entry ? entry.subdir : entry.name)

/** All of a folder at once, to be put in order. */
export const wholeFolder = (where: Where, prefix: string, wanted: Wanted = {}) =>
  queryOptions({
    queryKey: [...keyOf(where), 'whole', prefix, ...wantedKey(wanted)],
    queryFn: () =>
      objectStore(where.account).listObjects(where.container, {
        ...within(prefix),
        ...listingOf(wanted),
        limit: WHOLE_FOLDER,
      }),
  })

export const objectHeaders = (where: Where, name: string) =>
  queryOptions({
    queryKey: [...keyOf(where), 'object', name],
    queryFn: () => objectStore(where.account).showObject(where.container, name),
  })

/** Others are refused what is not shared with them, whether it is there or not. */
const hidden =
  ({ account }: Where) =>
  (error: unknown): undefined => {
    if (account === undefined || !(error instanceof ApiError && error.status === 403)) throw error
  }

/** The content of a file as text, undefined when it is none; read anew whenever it is opened. */
export const fileText = (where: Where, name: string) =>
  queryOptions({
    queryKey: ['texts', where.account ?? '', where.container, name],
    async queryFn() {
      const { content, etag } = await objectStore(where.account).readContent(where.container, name)
      return { ...textOf(await content.arrayBuffer()), etag }
    },
    staleTime: 0,
    gcTime: 0,
    // What somebody is writing is not replaced under his hands.
    refetchOnWindowFocus: false,
  })

/** Fields of a page have lines that end in LF; whether those of the file end otherwise is kept beside. */
function textOf(bytes: ArrayBuffer): { text?: string; lineEnd: string } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
    return { text: text.replaceAll('\r\n', '\n'), lineEnd }
  } catch {
    return { lineEnd: '\n' }
  }
}

/** What is put to a path. A folder that is no object of its own has what the next one above it has. */
export const attached = (where: Where, name: string) =>
  queryOptions({
    queryKey: [...keyOf(where), 'attached', name],
    async queryFn(): Promise<Attached> {
      const store = objectStore(where.account)
      for (let path = name; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('/')))) {
        const headers = await store.showObject(where.container, path).catch(hidden(where))
        if (headers === undefined) continue
        const found = readAttached(headers)
        if (path === name) return found
        // Only folders hand on to what is below.
        const { sharing, sharedBy = path, allowedTo } = found
        if (!sharing || !isFolderType(headers.get('content-type') ?? '')) return {}
        return { sharing, sharedBy, ...(allowedTo ? { allowedTo } : {}) }
      }
      return {}
    },
  })

/** Where reading goes on: in which of several containers, after which name. */
interface Mark {
  at: number
  marker: string
}
export interface Found {
  container: string
  object: StoredObject
}

/** What is found by metadata in containers, one after the other, page after page. */
export const findings = (containers: readonly string[], meta: string) =>
  infiniteQueryOptions({
    queryKey: ['objects', 'findings', meta, ...containers],
    async queryFn({ pageParam: { at, marker } }) {
      const found: Found[] = []
      for (let next = at; ; ) {
        const container = containers[next]
        if (container === undefined) return { found, next: undefined }
        const limit = FOLDER_PAGE - found.length
        const after = next === at && marker !== '' ? { marker } : {}
        const entries = await objectStore().listObjects(container, { meta, limit, ...after })
        for (const entry of entries) if ('name' in entry) found.push({ container, object: entry })
        if (entries.length === limit) return { found, next: { at: next, marker: nameOf(entries.at(-1)!) } }
        next += 1
      }
    },
    initialPageParam: { at: 0, marker: '' } as Mark,
    getNextPageParam: ({ next }) => next,
    enabled: meta !== '',
  })

/** The names of metadata that are in use in a container. */
export const metadataNames = (container: string) =>
  queryOptions({
    queryKey: [...keyOf({ container }), 'metadata-names'],
    queryFn: () => objectStore().metadataNames(container),
  })

/** People who share something with the person at the page. */
export const sharerList = queryOptions({ queryKey: ['objects', 'sharers'], queryFn: () => objectStore().listSharers() })
export const sharedContainers = (account: string) =>
  queryOptions({
    queryKey: ['objects', account, 'containers'],
    queryFn: () => objectStore(account).listSharedContainers(),
  })
/** Own containers with something in them that is shared or has a public link. */
export const sharingContainers = queryOptions({
  queryKey: ['objects', 'sharing-containers'],
  queryFn: () => objectStore().listContainers({ shared: true, published: true }),
})

export const groupList = queryOptions({ queryKey: ['objects', 'groups'], queryFn: () => objectStore().listGroups() })

/** E-mail addresses of people, by UUID. */
export const emailsOf = (uuids: string[]) =>
  queryOptions({
    queryKey: ['people', ...uuids],
    queryFn: async (): Promise<Record<string, string>> => (uuids.length === 0 ? {} : identity.emailsOf(uuids)),
    staleTime: 300_000,
  })

/** Versions never change. */
export const versionHeaders = (where: Where, name: string, version: number) =>
  queryOptions({
    queryKey: ['versions', where.account ?? '', where.container, name, version],
    queryFn: () => objectStore(where.account).showVersion(where.container, name, version),
    staleTime: Infinity,
  })

export const versionList = (where: Where, name: string) =>
  queryOptions({
    queryKey: [...keyOf(where), 'versions', name],
    queryFn: () => objectStore(where.account).listVersions(where.container, name),
  })
