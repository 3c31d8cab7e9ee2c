import { type Plugin, Type } from '@synnefo/lib/http'
import type { Identity } from '../../identity.ts'
import { readSessionCookie } from '../../sessions/cookie.ts'
import { activateByCode, resendVerification, signUp } from '../../users/sign-up.ts'
import { originOf } from './person.ts'
import { answerSession } from './session.ts'
import { ShownFields } from './visitors.ts'

const Text = Type.String({ maxLength: 1000 })
const SignUpForm = Type.Object({
  email: Text,
  firstName: Text,
  lastName: Text,
  password: Text,
  hasSignedTerms: Type.Optional(Type.Boolean()),
  code: Type.Optional(Type.String({ maxLength: 30 })),
  ...ShownFields,
})
const Code = Type.Object({ auth: Type.String({ minLength: 1, maxLength: 200 }) })
const Address = Type.Object({ email: Text, ...ShownFields })

export const signUpRoutes: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  app.post('/signup', { schema: { body: SignUpForm } }, async (request, reply) => {
    const outcome = await signUp(identity, request.body, originOf(request))
    if (outcome.state !== 'active') return outcome
    const { state, signedIn } = outcome
    if (!('session' in signedIn)) return { state }
    return { state, ...(await answerSession(identity, reply, signedIn.user, signedIn.session)) }
  })

  app.post('/resend', { schema: { body: Address } }, async (request) => {
    await resendVerification(identity, request.body, originOf(request))
    return { state: 'verification' }
  })

  app.post('/activate', { schema: { body: Code } }, async (request, reply) => {
    const { user, isActive, session } = await activateByCode(identity, request.body.auth, originOf(request))
    if (!isActive) return { state: 'pending moderation' }
    if (!session) return { state: 'active' }
    // Somebody else may be signed in here (an administrator who helps): he stays who he is.
    const cookie = readSessionCookie(request)
    if (cookie && (await identity.authenticator.findSession(cookie))) return { state: 'active' }
    return { state: 'active', ...(await answerSession(identity, reply, user, session)) }
  })
}
