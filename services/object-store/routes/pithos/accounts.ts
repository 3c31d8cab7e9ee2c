import type { FastifyReply } from 'fastify'
import { notAllowed } from '../../access.ts'
import { containersOf, type ShownAccount, showAccount, updateAccount } from '../../accounts.ts'
import { shownContainers } from '../../reach.ts'
import type { ContainerFacts } from '../../store/containers.ts'
import type { PastContainer } from '../../store/past.ts'
import {
  answerBody,
  answerEmpty,
  answerJson,
  CONTENT_TYPES,
  chooseFormat,
  escapeXml,
  isoTimeOf,
  XML_HEAD,
  xmlFields,
} from './answer.ts'
import { bulkDeleteRoute } from './bulk-delete.ts'
import { isNotModified } from './conditions.ts'
import { groupHeaders, readGroups } from './groups.ts'
import { encodeMetadata, metadataChange } from './headers.ts'
import { type Handler, listLimit, untilParam } from './request.ts'

function describe(reply: FastifyReply, { facts, quotas, groups, untilAt }: ShownAccount): void {
  reply.header('Last-Modified', facts.changedAt.toUTCString())
  if (!quotas) return // somebody else's
  if (untilAt) reply.header('X-Account-Until-Timestamp', untilAt.toUTCString())
  const sum = (values: bigint[]) => values.reduce((total, value) => total + value, 0n)
  reply.headers({
    ...encodeMetadata(facts.metadata),
    ...groupHeaders(groups),
    'X-Account-Container-Count': String(facts.containers),
    'X-Account-Bytes-Used': String(sum(quotas.map(({ usage }) => usage))),
    'X-Account-Policy-Quota': String(sum(quotas.map(({ limit }) => limit))),
    ...Object.fromEntries(quotas.map(({ project, limit }) => [`X-Account-Policy-Quota-${project}`, String(limit)])),
  })
}

export const headAccount: Handler<'account'> = async (request, reply) => {
  const { store, userId, reach, address, params, headers } = request
  const shown = await showAccount(store, userId, address.account, untilParam(params, { fractions: true }))
  describe(reply, reach.read === undefined ? shown : { ...shown, quotas: undefined })
  const unchanged = isNotModified(headers, { etag: undefined, changedAt: shown.facts.changedAt })
  return answerEmpty(reply, unchanged ? 304 : 204)
}

export const listContainers: Handler<'account'> = async (request, reply) => {
  const { store, userId, reach, address, params, headers } = request
  const only = shownContainers(reach)
  const until = untilParam(params, { fractions: true })
  const shown = await showAccount(store, userId, address.account, until)
  describe(reply, only === undefined ? shown : { ...shown, quotas: undefined })
  if (isNotModified(headers, { etag: undefined, changedAt: shown.facts.changedAt })) return answerEmpty(reply, 304)
  const marker = params.get('marker') ?? ''
  const containers = await containersOf(store, userId, address.account, {
    marker,
    limit: listLimit(request),
    names: only?.names,
    shared: params.has('shared'),
    published: params.has('public'),
    until,
  })
  const owner = shown.quotas !== undefined
  if (!owner && containers.length === 0 && marker === '') throw notAllowed()
  const format = chooseFormat(params, headers.get('accept'), 'text')
  if (format === 'text') {
    if (containers.length === 0) return answerEmpty(reply, 204, 'text')
    return answerBody(reply, 'text', containers.map(({ name }) => `${name}\n`).join(''))
  }
  const items = containers.map((container) => containerItem(container, owner && only?.whole.has(container.name) !== false))
  if (format === 'json') return answerJson(reply, items)
  const elements = items.map((item) => `<container>${xmlFields(item)}</container>`).join('')
  return reply.type(CONTENT_TYPES.xml).send(`${XML_HEAD}<account name="${escapeXml(address.account)}">${elements}</account>`)
}

function containerItem(container: ContainerFacts | PastContainer, owner: boolean) {
  const { name, objects, bytes, changedAt, quotaBytes, versioning, project } = container
  const last_modified = isoTimeOf(changedAt)
  if (!owner) return { name, last_modified }
  return {
    name,
    count: objects,
    bytes,
    last_modified,
    ...('untilAt' in container ? { x_container_until_timestamp: isoTimeOf(container.untilAt) } : {}),
    x_container_policy: { quota: String(quotaBytes), versioning, project },
  }
}

export const postAccount: Handler<'account'> = async (request, reply) => {
  const { store, userId, address, params, headers } = request
  if (params.has('bulk-delete')) return bulkDeleteRoute(request, reply)
  const update = params.has('update')
  const metadata = metadataChange(headers.withPrefix('x-account-meta-'), update)
  await updateAccount(store, userId, address.account, { metadata, groups: readGroups(headers, update) })
  return answerEmpty(reply, 202)
}
