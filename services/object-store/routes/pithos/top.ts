import { Fault } from '@synnefo/lib/fault'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { accountsSharingWith } from '../../accounts.ts'
import { answerBody, answerEmpty, answerJson, chooseFormat, isoTimeOf, XML_HEAD, xmlFields } from './answer.ts'
import { type Handler, listLimit } from './request.ts'

/** GET without a token: clients of the first storage protocol trade a name and a key for an address and a token. */
export function introduceClient(request: FastifyRequest, reply: FastifyReply, baseUrl: string): FastifyReply {
  const { 'x-auth-user': user, 'x-auth-key': key } = request.headers
  if (typeof user !== 'string' || typeof key !== 'string')
    throw new Fault('badRequest', 'X-Auth-Token is needed, or X-Auth-User and X-Auth-Key.')
  reply.headers({ 'X-Auth-Token': key, 'X-Storage-Url': `${baseUrl}/${encodeURIComponent(user)}` })
  return answerEmpty(reply, 204, 'text')
}

/** GET: who shares something with me. */
export const listAccounts: Handler<'top'> = async (request, reply) => {
  const { store, userId, params } = request
  const page = { marker: params.get('marker') ?? '', limit: listLimit(request) }
  const accounts = await accountsSharingWith(store, userId, page)
  const format = chooseFormat(params, request.headers.get('accept'), 'text')
  if (format === 'text') {
    if (accounts.length === 0) return answerEmpty(reply, 204, 'text')
    return answerBody(reply, 'text', accounts.map(({ account }) => `${account}\n`).join(''))
  }
  const items = accounts.map(({ account, changedAt }) => ({ name: account, last_modified: isoTimeOf(changedAt) }))
  if (format === 'json') return answerJson(reply, items)
  const elements = items.map((item) => `<account>${xmlFields(item)}</account>`).join('')
  return answerBody(reply, 'xml', `${XML_HEAD}<accounts>${elements}</accounts>`)
}
