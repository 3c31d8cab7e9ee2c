import { type Plugin, Type } from '@synnefo/lib/http'
import type { FastifyReply } from 'fastify'
import type { Identity } from '../../identity.ts'
import { missingLogins } from '../../logins/methods.ts'
import { clearSessionCookie, csrfTokenOf, setSessionCookie } from '../../sessions/cookie.ts'
import { askForAnyPasskey, signInByPasskey } from '../../sessions/passkey-sign-in.ts'
import { askForSecondPasskey, takeSecondStep } from '../../sessions/second-step.ts'
import { endSession, type NewSession } from '../../sessions/sessions.ts'
import { signIn } from '../../sessions/sign-in.ts'
import { groupsOf } from '../../store/groups.ts'
import type { UserRow } from '../../store/users.ts'
import type { Principal } from '../../tokens/authenticate.ts'
import { rememberMethod } from './login-cookies.ts'
import { changing, describePerson, originOf, signedIn } from './person.ts'
import { AssertedPasskey, FactorProof } from './proofs.ts'
import { safeNext } from './safe-next.ts'

const SecondStep = Type.Object({ challenge: Type.String({ minLength: 1, maxLength: 100 }), proof: FactorProof })
const Next = Type.Object({ next: Type.Optional(Type.String({ maxLength: 8_000 })) })
const Login = Type.Object({ email: Type.String({ maxLength: 254 }), password: Type.String({ maxLength: 512 }) })

interface Options extends Record<string, unknown> {
  identity: Identity
  storageFull: () => boolean
}

export const sessionRoutes: Plugin<Options> = async (app, { identity, storageFull }) => {
  app.post('/login', { schema: { body: Login } }, async (request, reply) => {
    const outcome = await signIn(identity, request.body, originOf(request))
    rememberMethod(identity, reply, 'local')
    return 'session' in outcome ? answerSession(identity, reply, outcome.user, outcome.session) : outcome
  })

  app.post('/login/second-step', { schema: { body: SecondStep } }, async (request, reply) => {
    const { challenge, proof } = request.body
    const { user, session } = await takeSecondStep(identity, { challenge, proof }, originOf(request))
    return answerSession(identity, reply, user, session)
  })

  app.post('/login/second-step/passkey', { schema: { body: Type.Pick(SecondStep, ['challenge']) } }, (request) =>
    askForSecondPasskey(identity, request.body.challenge, originOf(request)),
  )

  app.post('/login/passkey/options', (request) => askForAnyPasskey(identity, originOf(request)))

  app.post('/login/passkey', { schema: { body: Type.Object({ passkey: AssertedPasskey }) } }, async (request, reply) => {
    const { user, session } = await signInByPasskey(identity, request.body.passkey, originOf(request))
    return answerSession(identity, reply, user, session)
  })

  app.post('/logout', async (request, reply) => {
    const { person } = await changing(identity, request, { unsigned: true })
    await identity.db.transaction((tx) => endSession(identity, tx, person, originOf(request)))
    clearSessionCookie(identity, reply)
    return { next: identity.settings.ASTAKOS_LOGOUT_NEXT || null }
  })

  /** Where a page goes on that was led to: only here is known which addresses are ours. */
  app.get('/go-on', { schema: { querystring: Next } }, async (request) => ({ next: safeNext(identity, request.query.next) }))

  app.get('/session', async (request) => {
    const { cookie, person } = await signedIn(identity, request, { unsigned: true })
    const roles = person.groups.map(({ name }) => name)
    return {
      user: describePerson(person, roles),
      csrfToken: csrfTokenOf(identity, cookie),
      cloud: { name: identity.settings.BRANDING_SERVICE_NAME, storageFull: storageFull() },
      /** What the person has to do before everything else. */
      first: person.hasSignedTerms ? (mustSeeProfile(identity, person) ? 'profile' : null) : 'terms',
      missingLogins: await missingLogins(identity, identity.db, person.id),
    }
  })
}

const mustSeeProfile = ({ settings }: Identity, { hasSeenProfile }: Principal) =>
  settings.ASTAKOS_FORCE_PROFILE_UPDATE && !hasSeenProfile

/** Hands a new session to the browser. */
export async function answerSession(identity: Identity, reply: FastifyReply, user: UserRow, session: NewSession) {
  setSessionCookie(identity, reply, session.secret, session.expiresAt)
  const roles = (await groupsOf(identity.db, user.id)).map(({ name }) => name)
  return { user: describePerson(user, roles), csrfToken: csrfTokenOf(identity, session.secret) }
}
