// POST ?restore&until=<seconds since 1970>: makes a container, an object, or with `delimiter` an object and everything in
// the folder of its name, what they were at that moment. `keep=new` leaves what was not there then.
import { Fault } from '@synnefo/lib/fault'
import type { FastifyReply } from 'fastify'
import { type RestoreRequest, restoreObjects } from '../../objects/restore.ts'
import { answerJson } from './answer.ts'
import { type PithosRequest, untilParam } from './request.ts'

export async function restoreRoute(
  { store, userId, address, params }: PithosRequest<'container'> | PithosRequest<'object'>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const until = untilParam(params, { fractions: true })
  if (until === undefined) throw new Fault('badRequest', 'until is missing or no number of seconds since 1970.')
  const keep = params.get('keep')
  if (keep !== null && keep !== 'new') throw new Fault('badRequest', 'keep can only be new.')
  const { account, container } = address
  const part: RestoreRequest['part'] =
    address.level === 'object' ? { name: address.name, delimiter: params.get('delimiter') ?? '' } : undefined
  return answerJson(reply, await restoreObjects(store, userId, { account, container, part, until, keepsNew: keep === 'new' }))
}
