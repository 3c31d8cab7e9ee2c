// The identity service as a peer over HTTP: that of this cloud, asked within the process, or one elsewhere, whose catalogue
// says where its parts are.
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Readable } from 'node:stream'
import type { Identity } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import { type App, askOwn, type OwnAnswer, parseJson } from '@synnefo/lib/http'
import type { ObjectStore } from '../../open.ts'

export type IdentityPart = 'identity' | 'account' | 'oauth2' | 'ui'

export interface IdentityRequest {
  part: Exclude<IdentityPart, 'ui'>
  method: string
  /** Below the part: path and query, escapes as they are to be sent. */
  path: string
  headers: Record<string, string | string[] | undefined>
  body?: string | Readable | undefined
  /** Of the client in whose name this is asked. */
  address: string
}

export interface IdentityService {
  /** Where browsers find a part, without a slash at the end. */
  urlOf(part: IdentityPart): Promise<string>
  ask(request: IdentityRequest): Promise<OwnAnswer>
}

const UNREACHABLE_MS = 10_000
const CATALOG_MS = 300_000

export function openIdentityService(app: Pick<App, 'inject'>, identity: Identity, { settings }: ObjectStore): IdentityService {
  const elsewhere = settings.ASTAKOS_AUTH_URL
  if (elsewhere !== '') return openElsewhere(elsewhere.replace(/\/+$/, ''))
  return {
    urlOf: async (part) => `${identity.baseUrl()}/astakos/${part}`,
    ask: ({ part, path, ...rest }) => askOwn(app, { ...rest, url: `/astakos/${part}${path}` }),
  }
}

interface CatalogEntry {
  type: string
  endpoints: { publicURL: string; 'SNF:uiURL'?: string | null }[]
}

function openElsewhere(authUrl: string): IdentityService {
  let known: { until: number; urls: Promise<Record<IdentityPart, string>> } | undefined

  async function readCatalog(): Promise<Record<IdentityPart, string>> {
    const answer = await fetch(`${authUrl}/tokens`, { method: 'POST', signal: AbortSignal.timeout(UNREACHABLE_MS) })
    const { access } = parseJson(await answer.text()) as { access: { serviceCatalog: CatalogEntry[] } }
    const endpointOf = (type: string) => access.serviceCatalog.find((entry) => entry.type === type)?.endpoints[0]
    const plain = (url: string) => url.replace(/\/+$/, '')
    const identity = plain(authUrl.replace(/\/v\d+(\.\d+)?$/, ''))
    const component = identity.replace(/\/[^/]*$/, '')
    return {
      identity,
      account: plain(endpointOf('account')?.publicURL ?? `${component}/account`).replace(/\/v\d+(\.\d+)?$/, ''),
      oauth2: plain(endpointOf('astakos_auth')?.publicURL ?? `${component}/oauth2`),
      ui: plain(endpointOf('identity')?.['SNF:uiURL'] ?? `${component}/ui`),
    }
  }

  async function urlOf(part: IdentityPart): Promise<string> {
    if (!known || known.until < Date.now()) known = { until: Date.now() + CATALOG_MS, urls: readCatalog() }
    const { urls } = known
    try {
      return (await urls)[part]
    } catch (cause) {
      if (known?.urls === urls) known = undefined
      throw unreachable(cause)
    }
  }

  async function ask({ part, method, path, headers, body, address }: IdentityRequest): Promise<OwnAnswer> {
    const url = new URL(await urlOf(part))
    const chain = [headers['x-forwarded-for'], address].filter(Boolean).join(', ')
    return new Promise((resolve, reject) => {
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest
      const sent = send(
        url,
        { method, path: url.pathname + path, headers: { ...headers, host: url.host, 'x-forwarded-for': chain } },
        (answer) => resolve({ status: answer.statusCode!, headers: answer.headers, body: answer }),
      )
      sent.setTimeout(UNREACHABLE_MS * 6, () => sent.destroy(new Error('no answer')))
      sent.on('error', (cause) => reject(unreachable(cause)))
      if (typeof body === 'object') body.pipe(sent)
      else sent.end(body)
    })
  }

  return { urlOf, ask }
}

function unreachable(cause: unknown): Fault {
  return new Fault('serviceUnavailable', 'The identity service cannot be reached. Try again soon.', { cause })
}
