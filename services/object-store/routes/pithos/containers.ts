import { Fault } from '@synnefo/lib/fault'
import type { FastifyReply } from 'fastify'
import { notAllowed } from '../../access.ts'
import { defaultPolicy, deleteContainer, type PolicyChange, putContainer, updateContainer } from '../../containers.ts'
import { receive } from '../../content/receive.ts'
import { possessBlocks } from '../../maps.ts'
import { emptyContainer } from '../../objects/delete-many.ts'
import { containerToSee, visibleKeys } from '../../objects/list.ts'
import { purgeContainer } from '../../objects/purge.ts'
import type { ObjectStore } from '../../open.ts'
import { type ContainerAt, containerAt } from '../../past.ts'
import { shownNames } from '../../reach.ts'
import { checkSentAhead } from '../../sent-ahead.ts'
import type { ContainerFacts, ContainerWithKeys } from '../../store/containers.ts'
import { answerBody, answerEmpty, answerJson, chooseFormat, XML_HEAD } from './answer.ts'
import { isNotModified } from './conditions.ts'
import { EXTRACT, putArchive } from './extract-archive.ts'
import { encodeHeader, encodeMetadata, metadataChange, type RequestHeaders } from './headers.ts'
import { bodyLength, bodyOf, type Handler, LARGEST_BODY, type PithosRequest, untilParam } from './request.ts'
import { restoreRoute } from './restore.ts'

/** A container as it is; of one that is not shown as a whole, what is told is what is seen. */
export async function describe(
  { store, userId, reach, address }: PithosRequest<'container'>,
  reply: FastifyReply,
  container: ContainerWithKeys,
): Promise<void> {
  const beginnings = shownNames(reach, address.container)
  const keys = await visibleKeys(store, userId, container, beginnings)
  describeWithKeys(store, reply, container, container.account === userId && beginnings === undefined, keys)
}

/** As it was at a moment: counts, metadata and keys of then. */
export function describePast(store: ObjectStore, reply: FastifyReply, { container, keys }: ContainerAt, whole: boolean): void {
  describeWithKeys(store, reply, container, whole, whole ? keys : [])
  reply.header('X-Container-Until-Timestamp', container.untilAt.toUTCString())
}

function describeWithKeys(
  store: ObjectStore,
  reply: FastifyReply,
  container: ContainerFacts,
  owner: boolean,
  keys: readonly string[],
): void {
  const short = keys.filter((key) => key.startsWith('X-Object-Meta-')).map((key) => key.slice('X-Object-Meta-'.length))
  reply.headers({
    'X-Container-Block-Size': String(store.blockSizeBytes),
    'X-Container-Block-Hash': 'sha256',
    'X-Container-Object-Meta': encodeHeader(short.join(',')),
    'Last-Modified': container.changedAt.toUTCString(),
  })
  if (!owner) return
  reply.headers({
    ...encodeMetadata(container.metadata),
    'X-Container-Object-Count': String(container.objects),
    'X-Container-Bytes-Used': String(container.bytes),
    'X-Container-Policy-Quota': String(container.quotaBytes),
    'X-Container-Policy-Versioning': container.versioning,
    'X-Container-Policy-Project': container.project,
  })
}

export const headContainer: Handler<'container'> = async (request, reply) => {
  const { store, userId, reach, address, params, headers } = request
  const until = untilParam(params, { fractions: true })
  if (until !== undefined) {
    const past = await containerAt(store, userId, address.account, address.container, until)
    describePast(store, reply, past, shownNames(reach, address.container) === undefined)
    return answerEmpty(reply, isNotModified(headers, { etag: undefined, changedAt: past.container.changedAt }) ? 304 : 204)
  }
  const { container } = await containerToSee(store, userId, address.account, address.container)
  await describe(request, reply, container)
  const unchanged = isNotModified(headers, { etag: undefined, changedAt: container.changedAt })
  return answerEmpty(reply, unchanged ? 304 : 204)
}

/** `X-Container-Policy-*` of a request; an empty value asks for the default. */
function readPolicy(store: ObjectStore, account: string, headers: RequestHeaders): PolicyChange {
  const policy: PolicyChange = {}
  const defaults = defaultPolicy(store, account)
  for (const [header, text] of Object.entries(headers.withPrefix('x-container-policy-'))) {
    const value = text.replaceAll(' ', '')
    if (header === 'X-Container-Policy-Quota') policy.quotaBytes = value === '' ? defaults.quotaBytes : readQuota(value)
    else if (header === 'X-Container-Policy-Versioning')
      policy.versioning = value === '' ? defaults.versioning : readVersioning(value)
    else if (header === 'X-Container-Policy-Project') policy.project = value === '' ? defaults.project : readProject(value)
    else throw new Fault('badRequest', `${header} is no policy of containers.`)
  }
  return policy
}

function readQuota(value: string): bigint {
  if (!/^\d{1,18}$/.test(value)) throw new Fault('badRequest', 'X-Container-Policy-Quota is not a number of bytes.')
  return BigInt(value)
}

function readVersioning(value: string): 'auto' | 'none' {
  if (value !== 'auto' && value !== 'none')
    throw new Fault('badRequest', 'X-Container-Policy-Versioning is neither auto nor none.')
  return value
}

function readProject(value: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value))
    throw new Fault('badRequest', 'X-Container-Policy-Project is not the id of a project.')
  return value.toLowerCase()
}

export const putContainerRoute: Handler<'container'> = async (request, reply) => {
  const { store, userId, address, params, headers } = request
  if (params.has(EXTRACT)) return putArchive(request, reply)
  const { account, container } = address
  const policy = readPolicy(store, account, headers)
  const metadata = metadataChange(headers.withPrefix('x-container-meta-'), true)
  const isNew = await putContainer(store, userId, account, container, { policy, metadata })
  return answerEmpty(reply, isNew ? 201 : 202)
}

/** POST changes metadata and policy, or receives blocks ahead of the objects that will need them. */
export const postContainer: Handler<'container'> = async (request, reply) => {
  const { store, userId, possessor, address, params, headers, contentType } = request
  const { account, container } = address
  if (params.has('restore')) return restoreRoute(request, reply)
  if (account !== userId) throw notAllowed()
  const update = params.has('update')
  const given = readPolicy(store, account, headers)
  const { quotaBytes, versioning } = defaultPolicy(store, account)
  // Without `update` the policies left out return to their defaults, except the project: that moves usage.
  const policy = update || Object.keys(given).length === 0 ? given : { quotaBytes, versioning, ...given }
  const metadata = metadataChange(headers.withPrefix('x-container-meta-'), update)
  const hasBlocks =
    contentType === 'application/octet-stream' &&
    (headers.get('transfer-encoding') !== undefined || (headers.get('content-length') ?? '0') !== '0')
  if (metadata || Object.keys(policy).length > 0) await updateContainer(store, userId, account, container, { policy, metadata })
  else if (!hasBlocks) await containerToSee(store, userId, account, container)
  if (!hasBlocks) return answerEmpty(reply, 202)
  const { project } = (await containerToSee(store, userId, account, container)).container
  await checkSentAhead(store, { userId, project }, bodyLength(request))
  const whole = { inline: false, sender: userId, atMostBytes: LARGEST_BODY }
  const { blocks, content } = await receive(store, bodyOf(request, reply), whole)
  await possessBlocks(store, possessor, blocks, content.sizeBytes)
  if (chooseFormat(params, headers.get('accept'), 'json') === 'json') return answerJson(reply, blocks, 202)
  return answerBody(reply, 'xml', `${XML_HEAD}<items>${blocks.map((hash) => `<item>${hash}</item>`).join('')}</items>`, 202)
}

export const deleteContainerRoute: Handler<'container'> = async ({ store, userId, address, params }, reply) => {
  const { account, container } = address
  const until = untilParam(params, { fractions: false }) // kamaki sends a fraction and means the container
  if (until !== undefined) await purgeContainer(store, userId, account, container, until)
  else if (params.get('delimiter')) await emptyContainer(store, userId, account, container)
  else await deleteContainer(store, userId, account, container)
  return answerEmpty(reply, 204)
}
