import { writeJson } from '@synnefo/lib/json'
import type { FastifyReply } from 'fastify'
import { notAllowed } from '../../access.ts'
import { containerToSee, type ListingQuery, listObjects } from '../../objects/list.ts'
import { containerAt } from '../../past.ts'
import { shownNames } from '../../reach.ts'
import type { EntryPage } from '../../store/listings.ts'
import { answerBody, answerEmpty, chooseFormat, type Format } from './answer.ts'
import { ARCHIVE, getArchive } from './archive.ts'
import { isNotModified } from './conditions.ts'
import { describe, describePast } from './containers.ts'
import { readMetadataQuery } from './metadata-query.ts'
import { type ItemOptions, itemsAsJson, itemsAsText, itemsAsXml } from './object-items.ts'
import { type Handler, listLimit, untilParam } from './request.ts'

/** GET of a container: the objects in it. */
export const listContainer: Handler<'container'> = async (request, reply) => {
  if (request.params.has(ARCHIVE)) return getArchive(request, reply)
  const { store, userId, reach, address, params, headers, publicUrl } = request
  const { account, container: name } = address
  const beginnings = shownNames(reach, name)
  const until = untilParam(params, { fractions: true })
  const published = params.has('public')
  if (published && account !== userId) throw notAllowed()
  const past = until === undefined ? undefined : await containerAt(store, userId, account, name, until)
  const seen = past ? undefined : await containerToSee(store, userId, account, name)
  const { container, owner } = seen ?? { container: past!.container, owner: true }
  if (seen) await describe(request, reply, seen.container)
  else describePast(store, reply, past!, beginnings === undefined)
  if (isNotModified(headers, { etag: undefined, changedAt: container.changedAt })) return answerEmpty(reply, 304)
  const format = chooseFormat(params, headers.get('accept'), 'text')
  const query: ListingQuery = {
    limit: listLimit(request),
    marker: params.get('marker') ?? '',
    prefix: params.get('prefix') ?? '',
    delimiter: params.get('delimiter') ?? '',
    path: params.get('path') ?? '',
    metadata: readMetadataQuery(params.get('meta') ?? ''),
    shared: params.has('shared'),
    published,
    until,
    beginnings,
    namesOnly: format === 'text',
  }
  // What belongs to paths changes without the container; without any, the owner sees what is in it and nothing else.
  const plain = seen?.owner && !container.shares && !container.publishes && beginnings === undefined
  const question = plain ? writeJson([format, query]) : undefined
  const kept = question === undefined ? undefined : store.keptPages.find(container, question)
  if (kept) return answerPage(reply, format, kept)
  const page = await listObjects(store, userId, container, query)
  const options = { owner, md5: store.settings.PITHOS_UPDATE_MD5, past: until !== undefined, linkUrl: publicUrl }
  const body = written(page, format, options, name)
  if (question !== undefined) store.keptPages.keep(container, question, body)
  return answerPage(reply, format, body)
}

function written(page: EntryPage, format: Format, options: ItemOptions, container: string): Buffer {
  if (format === 'json') return itemsAsJson(page, options)
  return Buffer.from(format === 'xml' ? itemsAsXml(page, options, container) : itemsAsText(page))
}

function answerPage(reply: FastifyReply, format: Format, page: Buffer): FastifyReply {
  return page.length === 0 ? answerEmpty(reply, 204, format) : answerBody(reply, format, page)
}
