// What pages ask about ways to sign in: which there are, which a person has, and what became of one that was begun.
import { type Plugin, Type } from '@synnefo/lib/http'
import type { FastifyReply } from 'fastify'
import { requireFreshProof } from '../../factors/proof.ts'
import type { Identity } from '../../identity.ts'
import { arrive } from '../../logins/arrive.ts'
import { proveByDirectory } from '../../logins/directory.ts'
import { removeLogin } from '../../logins/links.ts'
import { loginMessage } from '../../logins/messages.ts'
import { loginMethods, type OwnLogin, ownLogins } from '../../logins/methods.ts'
import { attachPending, needsNoForm, type Registered, register, showPending } from '../../logins/pending.ts'
import type { SecondStep, Started } from '../../sessions/finish-sign-in.ts'
import { lastMethodIn, pendingKeyIn, rememberMethod, setPendingCookie, takeOutcome } from './login-cookies.ts'
import { attachedText } from './login-outcomes.ts'
import { changing, originOf, signedIn } from './person.ts'
import { answerSession } from './session.ts'

const Token = Type.String({ minLength: 1, maxLength: 200 })
const Text = Type.String({ maxLength: 1000 })
const TokenForm = Type.Object({ token: Token })
const SignUpForm = Type.Object({
  token: Token,
  email: Type.Optional(Text),
  firstName: Type.Optional(Text),
  lastName: Type.Optional(Text),
  hasSignedTerms: Type.Optional(Type.Boolean()),
})
const DirectoryForm = Type.Object({
  username: Type.String({ maxLength: 254 }),
  password: Type.String({ maxLength: 512 }),
})
const LinkForm = Type.Object({
  ...DirectoryForm.properties,
  /** The link that the identity shall take the place of. */
  switchFrom: Type.Optional(Type.String({ pattern: '^\\d{1,18}$' })),
})
const LoginPath = Type.Object({ id: Type.String({ pattern: '^\\d{1,18}$' }) })

export const loginRoutes: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  const { settings } = identity

  app.get('/logins/methods', async (request) => ({
    methods: await loginMethods(identity),
    last: lastMethodIn(request) ?? null,
    signUp: settings.ASTAKOS_SHOW_SIGNUP,
    moderated: settings.ASTAKOS_MODERATION_ENABLED,
    cloud: settings.BRANDING_SERVICE_NAME,
  }))

  app.get('/login/outcome', async (request, reply) => ({ outcome: takeOutcome(identity, request, reply) ?? null }))

  app.get('/logins', async (request) => {
    const { person } = await signedIn(identity, request)
    const { enabled, disabled, available, missing } = await ownLogins(identity, identity.db, person.id)
    const spell = (login: OwnLogin) => ({ ...login, id: String(login.id) })
    return { enabled: enabled.map(spell), disabled: disabled.map(spell), available, missing }
  })

  app.delete('/logins/:id', { schema: { params: LoginPath } }, async (request, reply) => {
    const { person } = await changing(identity, request)
    const { address } = originOf(request)
    await requireFreshProof(identity, identity.db, person)
    await identity.db.transaction((tx) => removeLogin(identity, tx, person, BigInt(request.params.id), address))
    return reply.code(204).send()
  })

  /** Whether a hand-shake that ends in another way to sign in may begin: pages ask for a fresh proof first where it may not. */
  app.post('/logins/check', async (request) => {
    const { person } = await changing(identity, request)
    await requireFreshProof(identity, identity.db, person)
    return {}
  })

  app.post('/logins/attach', { schema: { body: TokenForm } }, async (request) => {
    const { person } = await changing(identity, request)
    await requireFreshProof(identity, identity.db, person)
    const { module } = await attachPending(identity, person, pendingKeyIn(request, request.body.token), originOf(request))
    return { module, message: attachedText(identity, module) }
  })

  app.post('/logins/pending', { schema: { body: TokenForm } }, async (request) => {
    const { claims, ...pending } = await showPending(identity, pendingKeyIn(request, request.body.token))
    const { module, email, firstName, lastName } = claims
    return {
      module,
      title: loginMessage(settings, module, 'title'),
      account: loginMessage(settings, module, 'account_prompt'),
      ...{ email, firstName, lastName, ...pending },
    }
  })

  app.post('/logins/signup', { schema: { body: SignUpForm } }, async (request, reply) => {
    const { token, ...form } = request.body
    return answerRegistered(reply, await register(identity, pendingKeyIn(request, token), form, originOf(request)))
  })

  if (settings.ASTAKOS_IM_MODULES.includes('ldap')) {
    app.post('/login/ldap', { schema: { body: DirectoryForm } }, async (request, reply) => {
      const origin = originOf(request)
      const arrival = await arrive(identity, await proveByDirectory(identity, request.body, origin), { origin })
      if (arrival.kind === 'signed in') {
        rememberMethod(identity, reply, 'ldap')
        return answerStarted(reply, arrival.outcome)
      }
      if (arrival.kind !== 'unknown') throw new Error(`nobody is signed in to be ${arrival.kind}`)
      const { pending } = arrival
      if (needsNoForm(await showPending(identity, pending))) {
        return answerRegistered(reply, await register(identity, pending, {}, origin))
      }
      setPendingCookie(identity, reply, pending)
      return { state: 'unknown', token: pending.token }
    })

    app.post('/logins/ldap', { schema: { body: LinkForm } }, async (request) => {
      const { person } = await changing(identity, request)
      await requireFreshProof(identity, identity.db, person)
      const origin = originOf(request)
      await requireFreshProof(identity, identity.db, person)
      const { switchFrom, ...credentials } = request.body
      const claims = await proveByDirectory(identity, credentials, origin)
      const situation = { person, origin, ...(switchFrom === undefined ? {} : { switchFrom: BigInt(switchFrom) }) }
      const arrival = await arrive(identity, claims, situation)
      return { module: 'ldap', message: 'message' in arrival ? arrival.message : '' }
    })
  }

  function answerStarted(reply: FastifyReply, outcome: Started | SecondStep) {
    return 'session' in outcome ? answerSession(identity, reply, outcome.user, outcome.session) : outcome
  }

  async function answerRegistered(reply: FastifyReply, registered: Registered) {
    if (registered.state !== 'active') return registered
    return { state: 'active', ...(await answerStarted(reply, registered.outcome)) }
  }
}
