// Everything the pages read, by topic. The first word of a key is the topic under which the cloud announces changes.
import { ApiError } from '@synnefo/clients/http'
import type { Attached } from '@synnefo/clients/object-store'
import { isFolderType, openObjectStore, readAttached } from '@synnefo/clients/object-store'
import { infiniteQueryOptions, QueryClient, queryOptions } from '@tanstack/react-query'
import { cloud, compute, factors, identity, images, keepCsrfToken, logins, networks, volumes } from './connection.ts'
import { learn } from './health.ts'
import { isChanging } from './servers.ts'

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // A refusal is final; an answer that did not come may come the next time.
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
      refetchOnWindowFocus: true,
    },
    mutations: { retry: false },
  },
})

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  async queryFn() {
    const session = await identity.session()
    keepCsrfToken(session.csrfToken)
    learn({ full: session.cloud.storageFull })
    return session
  },
  staleTime: Infinity,
})

export const loginMethodsQuery = queryOptions({ queryKey: ['login-methods'], queryFn: logins.methods, staleTime: 60_000 })
export const ownLoginsQuery = queryOptions({ queryKey: ['session', 'logins'], queryFn: logins.own })

/** The person at the page. To be called where a loader has made sure of the session. */
export function me() {
  const session = queryClient.getQueryData(sessionQuery.queryKey)
  if (session === undefined) throw new Error('Nobody is signed in')
  return session.user
}

export const objectStore = () => openObjectStore(cloud, me().uuid)

export const serverList = queryOptions({
  queryKey: ['servers'],
  queryFn: compute.listServers,
  // What is under way is announced; looking again is for a line that was down.
  refetchInterval: ({ state }) => (state.data?.some(isChanging) ? 5_000 : false),
})
export const serverDetail = (id: number) =>
  queryOptions({
    queryKey: ['servers', id],
    queryFn: () => compute.showServer(id),
    refetchInterval: ({ state }) => (state.data && isChanging(state.data) ? 2_500 : false),
  })
export const diagnosticList = (id: number) =>
  queryOptions({ queryKey: ['servers', id, 'diagnostics'], queryFn: () => compute.listDiagnostics(id) })
export const flavorList = queryOptions({ queryKey: ['flavors'], queryFn: compute.listFlavors, staleTime: 300_000 })
export const keyPairList = queryOptions({ queryKey: ['keypairs'], queryFn: compute.listKeyPairs })
export const imageList = queryOptions({ queryKey: ['images'], queryFn: images.listImages })
export const networkList = queryOptions({ queryKey: ['networks'], queryFn: networks.listNetworks })
export const subnetList = queryOptions({ queryKey: ['networks', 'subnets'], queryFn: networks.listSubnets })
export const volumeList = queryOptions({ queryKey: ['volumes'], queryFn: volumes.listVolumes })

export const quotaList = queryOptions({ queryKey: ['quotas'], queryFn: identity.quotas })
export const tokenList = queryOptions({ queryKey: ['tokens'], queryFn: identity.listTokens })
export const factorList = queryOptions({ queryKey: ['factors'], queryFn: factors.factors })
export const sessionList = queryOptions({ queryKey: ['sessions'], queryFn: factors.listSessions })
export const catalog = queryOptions({ queryKey: ['catalog'], queryFn: identity.catalog, staleTime: Infinity })
export const mailList = queryOptions({ queryKey: ['mails'], queryFn: identity.listMails })
export const mailText = (id: string) =>
  queryOptions({ queryKey: ['mails', id], queryFn: () => identity.showMail(id), staleTime: Infinity })

export const containerList = queryOptions({ queryKey: ['objects', 'containers'], queryFn: () => objectStore().listContainers() })

export const FOLDER_PAGE = 100
/** One folder, as it is or was at a moment, page after page as the cloud cuts them. */
export const folder = (container: string, prefix: string, until?: number) =>
  infiniteQueryOptions({
    queryKey: ['objects', container, prefix, until],
    queryFn: ({ pageParam }) =>
      objectStore().listObjects(container, {
        delimiter: '/',
        limit: FOLDER_PAGE,
        ...(until === undefined ? {} : { until }),
        ...(prefix === '' ? {} : { prefix }),
        ...(pageParam === '' ? {} : { marker: pageParam }),
      }),
    initialPageParam: '',
    getNextPageParam: (page) => {
      const last = page.length < FOLDER_PAGE ? undefined : page.at(-1)
      return last && ('subdir' in last ? last.subdir : last.name)
    },
  })
export const objectHeaders = (container: string, name: string) =>
  queryOptions({ queryKey: ['objects', container, 'object', name], queryFn: () => objectStore().showObject(container, name) })
/** What is put to a path. A folder that is no object of its own has what the next one above it has. */
export const attached = (container: string, name: string) =>
  queryOptions({
    queryKey: ['objects', container, 'attached', name],
    async queryFn(): Promise<Attached> {
      const store = objectStore()
      for (let path = name; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('/')))) {
        const headers = await store.showObject(container, path)
        if (headers === undefined) continue
        const found = readAttached(headers)
        if (path === name) return found
        // Only folders hand on to what is below.
        const { sharing, sharedBy = path } = found
        return sharing && isFolderType(headers.get('content-type') ?? '') ? { sharing, sharedBy } : {}
      }
      return {}
    },
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
export const versionHeaders = (container: string, name: string, version: number) =>
  queryOptions({
    queryKey: ['versions', container, name, version],
    queryFn: () => objectStore().showVersion(container, name, version),
    staleTime: Infinity,
  })
export const versionList = (container: string, name: string) =>
  queryOptions({ queryKey: ['objects', container, 'versions', name], queryFn: () => objectStore().listVersions(container, name) })

/** Other topics whose data changes with a topic, although nobody announces them. */
const ALSO: Record<string, string[]> = {
  session: ['sessions', 'factors'],
  servers: ['quotas', 'volumes'],
  objects: ['quotas'],
  images: ['objects'],
  volumes: ['quotas'],
}

/** Something of this topic changed: what is on the page is asked for again, the rest when it is next looked at. */
export function changed(topic: string): Promise<unknown> {
  const topics = [topic, ...(ALSO[topic] ?? [])]
  return Promise.all(topics.map((queryKey) => queryClient.invalidateQueries({ queryKey: [queryKey] })))
}
