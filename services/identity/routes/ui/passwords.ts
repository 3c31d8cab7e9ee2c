// Forgotten and changed passwords.
import { type Plugin, Type } from '@synnefo/lib/http'
import type { Identity } from '../../identity.ts'
import { countAgainst } from '../../throttle.ts'
import { personOfResetLink, requestPasswordReset, resetPassword } from '../../users/password-reset.ts'
import { changePassword } from '../../users/passwords.ts'
import { changing, originOf } from './person.ts'
import { ShownFields } from './visitors.ts'

const Text = Type.String({ maxLength: 1000 })
const Part = Type.String({ minLength: 1, maxLength: 200 })
const Renew = Type.Optional(Type.Boolean())
const Address = Type.Object({ email: Text, ...ShownFields })
const Link = Type.Object({ id: Part, token: Part })
const NewPassword = Type.Object({ id: Part, token: Part, password: Text, renewToken: Renew })
const Change = Type.Object({ oldPassword: Type.Optional(Text), newPassword: Text, renewToken: Renew })

export const passwordRoutes: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  app.post('/password/forgotten', { schema: { body: Address } }, async (request) => {
    await requestPasswordReset(identity, request.body, originOf(request))
    return { state: 'mailed' }
  })

  app.post('/password/link', { schema: { body: Link } }, async (request) => {
    await countAgainst(identity.db, [{ key: ['password link', request.ip], atMost: 60, windowSeconds: 600 }])
    const isValid = (await personOfResetLink(identity, request.body)) !== undefined
    return { isValid, offersToRenewToken: !identity.settings.ASTAKOS_NEWPASSWD_INVALIDATE_TOKEN }
  })

  app.post('/password/reset', { schema: { body: NewPassword } }, async (request) => {
    await resetPassword(identity, request.body, request.body, originOf(request))
    return { state: 'changed' }
  })

  app.post('/password/change', { schema: { body: Change } }, async (request) => {
    const { person } = await changing(identity, request)
    await changePassword(identity, person, request.body, originOf(request))
    return { state: 'changed' }
  })
}
