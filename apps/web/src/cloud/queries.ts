// Everything the pages read, by topic. The first word of a key is the topic under which the cloud announces changes.
import { ApiError } from '@synnefo/clients/http'
import { openObjectStore } from '@synnefo/clients/object-store'
import { QueryClient, queryOptions } from '@tanstack/react-query'
import { cloud, compute, factors, identity, images, keepCsrfToken, logins, networks, projects, volumes } from './connection.ts'
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

/** The object storage of the person at the page, or what somebody else shares of his. */
export const objectStore = (account = me().uuid) => openObjectStore(cloud, account)

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
/** Names of the projects that the person is in; his own has none. */
export const projectNames = queryOptions({
  queryKey: ['quotas', 'projects'],
  async queryFn() {
    const { projects: mine } = await projects.list({ scope: 'mine', limit: 100 })
    return new Map(mine.map(({ id, name }) => [id, name]))
  },
})
export const tokenList = queryOptions({ queryKey: ['tokens'], queryFn: identity.listTokens })
export const factorList = queryOptions({ queryKey: ['factors'], queryFn: factors.factors })
export const sessionList = queryOptions({ queryKey: ['sessions'], queryFn: factors.listSessions })
export const catalog = queryOptions({ queryKey: ['catalog'], queryFn: identity.catalog, staleTime: Infinity })
export const mailList = queryOptions({ queryKey: ['mails'], queryFn: identity.listMails })
export const mailText = (id: string) =>
  queryOptions({ queryKey: ['mails', id], queryFn: () => identity.showMail(id), staleTime: Infinity })

export const containerList = queryOptions({ queryKey: ['objects', 'containers'], queryFn: () => objectStore().listContainers() })

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
