// GET with `archive`: a folder or a container as one file.
import { Readable } from 'node:stream'
import { Fault } from '@synnefo/lib/fault'
import type { FastifyReply } from 'fastify'
import { ARCHIVE_KINDS, isArchiveKind } from '../../archives/entries.ts'
import { packArchive } from '../../archives/pack.ts'
import { shownNames } from '../../reach.ts'
import { attachmentName } from './object-reply.ts'
import { type PithosRequest, untilParam } from './request.ts'

export const ARCHIVE = 'archive'

const TYPES = { tar: 'application/x-tar', 'tar.gz': 'application/gzip', zip: 'application/zip' }

export async function getArchive(
  { store, userId, reach, address, params }: PithosRequest<'container'> | PithosRequest<'object'>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const kind = params.get(ARCHIVE) ?? ''
  if (!isArchiveKind(kind)) throw new Fault('badRequest', `${ARCHIVE} is none of ${ARCHIVE_KINDS.join(', ')}.`)
  const { account, container } = address
  const folder = 'name' in address ? address.name : undefined
  const bytes = await packArchive(store, userId, {
    account,
    container,
    folder,
    kind,
    until: untilParam(params, { fractions: true }),
    reached: (name) => shownNames(reach, name),
  })
  const name = (folder ?? container).replace(/\/+$/, '')
  const file = `${name.slice(name.lastIndexOf('/') + 1) || container}.${kind}`
  // Counts as silence only while nothing at all is taken.
  const { socket } = reply.raw
  socket?.setTimeout(store.settings.PITHOS_SILENCE_SECONDS * 1000)
  reply.raw.once('close', () => socket?.setTimeout(0))
  reply.headers({ 'Content-Type': TYPES[kind], 'Content-Disposition': attachmentName('attachment', file) })
  return reply.send(Readable.from(bytes, { objectMode: false, highWaterMark: 1 }))
}
