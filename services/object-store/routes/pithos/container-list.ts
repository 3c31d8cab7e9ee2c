import { notAllowed } from '../../access.ts'
import { containerToSee, listObjects } from '../../objects/list.ts'
import { containerAt } from '../../past.ts'
import { shownNames } from '../../reach.ts'
import { answerBody, answerEmpty, chooseFormat } from './answer.ts'
import { ARCHIVE, getArchive } from './archive.ts'
import { isNotModified } from './conditions.ts'
import { describe, describePast } from './containers.ts'
import { readMetadataQuery } from './metadata-query.ts'
import { itemsAsJson, itemsAsText, itemsAsXml } from './object-items.ts'
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
  const page = await listObjects(store, userId, container, {
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
  })
  if (format === 'text') {
    if (page.names.length === 0) return answerEmpty(reply, 204, 'text')
    return answerBody(reply, 'text', itemsAsText(page))
  }
  const options = { owner, md5: store.settings.PITHOS_UPDATE_MD5, past: until !== undefined, linkUrl: publicUrl }
  const body = format === 'json' ? itemsAsJson(page, options) : itemsAsXml(page, options, name)
  return answerBody(reply, format, body)
}
