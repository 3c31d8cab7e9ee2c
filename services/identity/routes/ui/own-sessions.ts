// The browser sessions of the person at the page, for him to see and end.
import { type Plugin, Type } from '@synnefo/lib/http'
import { audit } from '../../audit.ts'
import type { Identity } from '../../identity.ts'
import { clearSessionCookie } from '../../sessions/cookie.ts'
import { endOtherSessions, endSessionOf, listSessions } from '../../sessions/sessions.ts'
import { browserOf } from '../../wire/browsers.ts'
import { changing, originOf, signedIn } from './person.ts'

const SessionPath = Type.Object({ id: Type.String({ pattern: '^\\d{1,18}$' }) })

export const ownSessionRoutes: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  app.get('/sessions', async (request) => {
    const { person } = await signedIn(identity, request)
    const sessions = await listSessions(identity, identity.db, person)
    return {
      sessions: sessions.map(({ id, address, userAgent, method, createdAt, lastSeenAt, expiresAt }) => ({
        id: String(id),
        current: id === person.sessionId,
        browser: browserOf(userAgent),
        address,
        method,
        createdAt,
        lastSeenAt,
        expiresAt,
      })),
    }
  })

  app.delete('/sessions/:id', { schema: { params: SessionPath } }, async (request, reply) => {
    const { person } = await changing(identity, request)
    const id = BigInt(request.params.id)
    await identity.db.transaction(async (tx) => {
      await endSessionOf(identity, tx, person, id)
      const { address } = originOf(request)
      await audit(tx, { service: 'identity', actor: person.uuid, action: 'session-end', target: `session:${id}`, address })
    })
    if (id === person.sessionId) clearSessionCookie(identity, reply)
    return reply.code(204).send()
  })

  app.post('/sessions/end-others', async (request) => {
    const { person } = await changing(identity, request)
    await identity.db.transaction(async (tx) => {
      await endOtherSessions(identity, tx, person, person.sessionId!)
      const { address } = originOf(request)
      await audit(tx, {
        service: 'identity',
        actor: person.uuid,
        action: 'session-end-others',
        target: `user:${person.uuid}`,
        address,
      })
    })
    return {}
  })
}
