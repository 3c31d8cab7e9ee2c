// The API tokens of the person at the page, and the configuration file for kamaki.
import { Fault } from '@synnefo/lib/fault'
import { type Plugin, Type } from '@synnefo/lib/http'
import { audit } from '../../audit.ts'
import type { Identity } from '../../identity.ts'
import { addOwnToken } from '../../tokens/add-own-token.ts'
import { listTokens, renewClassicToken, revokeToken, showClassicToken } from '../../tokens/tokens.ts'
import { LONGEST_SCOPE, MOST_SCOPES } from '../../wire/token-scopes.ts'
import { kamakirc } from './kamakirc.ts'
import { changing, originOf, signedIn } from './person.ts'

// An empty list of scopes is not taken for none: it would make a token without limits of one that was meant to do nothing.
const NewTokenForm = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 100 }),
  expiresAt: Type.Optional(Type.Union([Type.String({ maxLength: 40 }), Type.Null()])),
  scopes: Type.Optional(Type.Array(Type.String({ maxLength: LONGEST_SCOPE }), { minItems: 1, maxItems: MOST_SCOPES })),
})
const TokenPath = Type.Object({ id: Type.String({ pattern: '^\\d{1,18}$' }) })

export const ownTokenRoutes: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  app.get('/tokens', async (request) => {
    const { person } = await signedIn(identity, request)
    const tokens = await identity.db.transaction((tx) => listTokens(tx, person))
    return { tokens: tokens.map(({ isClassic, ...token }) => ({ ...token, id: String(token.id), classic: isClassic })) }
  })

  app.post('/tokens', { schema: { body: NewTokenForm } }, async (request, reply) => {
    const { person } = await changing(identity, request)
    const { name, expiresAt, scopes } = request.body
    const wanted = { name: name.trim(), expiresAt: readDate(expiresAt), scopes }
    const token = await addOwnToken(identity, person, wanted, originOf(request))
    reply.code(201)
    const { id, secret, ...rest } = token
    return { id: String(id), ...rest, token: secret }
  })

  app.delete('/tokens/:id', { schema: { params: TokenPath } }, async (request, reply) => {
    const { person } = await changing(identity, request)
    const id = BigInt(request.params.id)
    await identity.db.transaction(async (tx) => {
      await revokeToken(identity, tx, person, id)
      const { address } = originOf(request)
      await audit(tx, { service: 'identity', actor: person.uuid, action: 'token-remove', target: `token:${id}`, address })
    })
    return reply.code(204).send()
  })

  app.get('/token', async (request) => {
    const { person } = await signedIn(identity, request)
    const { secret, expiresAt } = await identity.db.transaction((tx) => showClassicToken(identity, tx, person))
    return { token: secret, expiresAt }
  })

  app.post('/token/renew', async (request) => {
    const { person } = await changing(identity, request)
    const { secret, expiresAt } = await identity.db.transaction(async (tx) => {
      const renewed = await renewClassicToken(identity, tx, person)
      const { address } = originOf(request)
      await audit(tx, { service: 'identity', actor: person.uuid, action: 'token-renew', target: `token:${renewed.id}`, address })
      return renewed
    })
    return { token: secret, expiresAt }
  })

  app.get('/kamakirc', async (request, reply) => {
    const { person } = await signedIn(identity, request)
    return kamakirc(identity, reply, person)
  })
}

function readDate(text: string | null | undefined): Date | null {
  if (text === undefined || text === null) return null
  const date = new Date(text)
  if (Number.isNaN(date.getTime())) throw new Fault('badRequest', `Field 'expiresAt': '${text}' is not a date`)
  return date
}
