// What pages read of the content of containers. The first word of a key is the topic, as in `queries.ts`.
import { readAttached } from '@synnefo/clients/object-headers'
import { isFolderType } from '@synnefo/clients/object-shapes'
import type { Attached, Entry } from '@synnefo/clients/object-store'
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

/** One folder, as it is or was at a moment, page after page as the cloud cuts them. */
export const folder = (where: Where, prefix: string, until?: number) =>
  infiniteQueryOptions({
    queryKey: [...keyOf(where), 'folder', prefix, until],
    queryFn: ({ pageParam }) =>
      objectStore(where.account).listObjects(where.container, {
        ...within(prefix),
        limit: FOLDER_PAGE,
        ...(until === undefined ? {} : { until }),
        ...(pageParam === '' ? {} : { marker: pageParam }),
      }),
    initialPageParam: '',
    getNextPageParam: (page) => (page.length < FOLDER_PAGE ? undefined : nameOf(page.at(-1)!)),
  })

const nameOf = (entry: Entry) => ('subdir' in entry ? entry.subdir : entry.name)

/** All of a folder at once, to be put in order. */
export const wholeFolder = (where: Where, prefix: string) =>
  queryOptions({
    queryKey: [...keyOf(where), 'whole', prefix],
    queryFn: () => objectStore(where.account).listObjects(where.container, { ...within(prefix), limit: WHOLE_FOLDER }),
  })

export const objectHeaders = (where: Where, name: string) =>
  queryOptions({
    queryKey: [...keyOf(where), 'object', name],
    queryFn: () => objectStore(where.account).showObject(where.container, name),
  })

/** What is put to a path. A folder that is no object of its own has what the next one above it has. */
export const attached = (where: Where, name: string) =>
  queryOptions({
    queryKey: [...keyOf(where), 'attached', name],
    async queryFn(): Promise<Attached> {
      const store = objectStore(where.account)
      for (let path = name; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('/')))) {
        const headers = await store.showObject(where.container, path)
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

/** The names of metadata that are in use in a container. */
export const metadataNames = (container: string) =>
  queryOptions({
    queryKey: [...keyOf({ container }), 'metadata-names'],
    queryFn: () => objectStore().metadataNames(container),
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
