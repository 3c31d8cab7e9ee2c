// The terms of service: everybody may read them, who is signed in signs them.
import { type Plugin, Type } from '@synnefo/lib/http'
import { audit } from '../../audit.ts'
import type { Identity } from '../../identity.ts'
import { readTerms, signTerms } from '../../terms/terms.ts'
import { changing, originOf } from './person.ts'

const Id = Type.String({ pattern: '^\\d{1,18}$' })
const Version = Type.Object({ id: Id })

export const termsRoutes: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  app.get('/terms', async () => describe(await readTerms(identity)))

  app.get('/terms/:id', { schema: { params: Version } }, async (request) =>
    describe(await readTerms(identity, BigInt(request.params.id))),
  )

  app.post('/terms/sign', { schema: { body: Version } }, async (request) => {
    const { person } = await changing(identity, request, { unsigned: true })
    const { id } = request.body
    await identity.db.transaction(async (tx) => {
      await signTerms(identity, tx, person, BigInt(id))
      const { address } = originOf(request)
      const target = `user:${person.uuid}`
      await audit(tx, { service: 'identity', actor: person.uuid, action: 'terms-sign', target, address, details: { terms: id } })
    })
    return {}
  })
}

const describe = ({ id, issuedAt, html }: Awaited<ReturnType<typeof readTerms>>) => ({ id: String(id), issuedAt, html })
