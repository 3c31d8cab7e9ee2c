// The person's own account: what there is to see of it, and the form that changes it.
import { type Plugin, Type } from '@synnefo/lib/http'
import type { Identity } from '../../identity.ts'
import { readSessionCookie } from '../../sessions/cookie.ts'
import { countAgainst } from '../../throttle.ts'
import { confirmEmailChange } from '../../users/email-change.ts'
import { cancelEmailChange, changeProfile, showProfile } from '../../users/profile.ts'
import { changing, originOf, signedIn } from './person.ts'

const Text = Type.String({ maxLength: 1000 })
const ProfileForm = Type.Object({
  names: Type.Optional(Type.Object({ firstName: Text, lastName: Text })),
  email: Type.Optional(Text),
  password: Type.Optional(
    Type.Object({ oldPassword: Type.Optional(Text), newPassword: Text, renewToken: Type.Optional(Type.Boolean()) }),
  ),
})
const Key = Type.Object({ key: Type.String({ minLength: 1, maxLength: 100 }) })

export const profileRoutes: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  app.get('/profile', async (request) => {
    const { person } = await signedIn(identity, request)
    const { user, fixed, pendingEmail, mayChangeEmail, password } = await showProfile(identity, person)
    const { uuid, email, firstName, lastName, joinedAt } = user
    return { uuid, email, firstName, lastName, joinedAt, fixed, pendingEmail, mayChangeEmail, password }
  })

  app.post('/profile', { schema: { body: ProfileForm } }, async (request, reply) => {
    const { person } = await changing(identity, request)
    const outcome = await changeProfile(identity, person, request.body, originOf(request))
    const refusals = Object.values(outcome).flatMap((part) => (part.done ? [] : [part.status]))
    // Done when anything was done; a word on each part stands beside it.
    const allRefused = refusals.length > 0 && refusals.length === Object.keys(outcome).length
    return reply.code(allRefused ? refusals[0]! : 200).send({ parts: outcome })
  })

  app.delete('/profile/email', async (request, reply) => {
    const { person } = await changing(identity, request)
    await cancelEmailChange(identity, person, originOf(request))
    return reply.code(204).send()
  })

  app.post('/email-change/confirm', { schema: { body: Key } }, async (request) => {
    await countAgainst(identity.db, [{ key: ['email change', request.ip], atMost: 60, windowSeconds: 60 }])
    const cookie = readSessionCookie(request)
    const session = cookie === undefined ? undefined : await identity.authenticator.findSession(cookie)
    return { state: await confirmEmailChange(identity, request.body.key, session, originOf(request)) }
  })
}
