// Invitations: what a person may still send, what became of those sent, and whom a link invites.
import { Fault } from '@synnefo/lib/fault'
import { type Plugin, Type } from '@synnefo/lib/http'
import type { Identity } from '../../identity.ts'
import { findUser } from '../../store/users.ts'
import { countAgainst } from '../../throttle.ts'
import { checkInvitationsEnabled, invitationBehind, invite, sentInvitations } from '../../users/invitations.ts'
import { changing, originOf, signedIn } from './person.ts'

const Text = Type.String({ maxLength: 1000 })
const InvitationForm = Type.Object({ email: Text, realname: Text })
const Code = Type.Object({ code: Type.String({ maxLength: 30 }) })

export const invitationRoutes: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  app.get('/invitations', async (request) => {
    checkInvitationsEnabled(identity)
    const { person } = await signedIn(identity, request)
    const sent = await sentInvitations(identity.db, person.id)
    return {
      left: (await findUser(identity.db, person.id))?.invitations ?? 0,
      sent: sent.map(({ email, realname, createdAt, consumedAt }) => ({ email, realname, createdAt, used: consumedAt !== null })),
    }
  })

  app.post('/invitations', { schema: { body: InvitationForm } }, async (request, reply) => {
    checkInvitationsEnabled(identity)
    const { person } = await changing(identity, request)
    await invite(identity, person.id, request.body, originOf(request))
    return reply.code(201).send({})
  })

  app.get('/invitation', { schema: { querystring: Code } }, async (request) => {
    await countAgainst(identity.db, [{ key: ['invitation', request.ip], atMost: 60, windowSeconds: 60 }])
    const invitation = await invitationBehind(identity, request.query.code)
    if (!invitation) throw new Fault('itemNotFound', 'This invitation is not valid, or was used before.')
    const { email, realname } = invitation
    return { email, realname }
  })
}
