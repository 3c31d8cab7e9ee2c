// What a visitor's browser has to do before it sends a form.
import { type Plugin, Type } from '@synnefo/lib/http'
import type { Identity } from '../../identity.ts'
import { countAgainst } from '../../throttle.ts'
import { whatToShow } from '../../visitors/check.ts'

/** Goes with every form of a visitor. */
export const ShownFields = {
  work: Type.Optional(Type.String({ maxLength: 4000 })),
  recaptcha: Type.Optional(Type.String({ maxLength: 8000 })),
}

export const visitorRoutes: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  app.get('/work', async (request) => {
    // Each challenge costs us a little of what it costs them.
    await countAgainst(identity.db, [{ key: ['work', request.ip], atMost: 600, windowSeconds: 600 }])
    return whatToShow(identity)
  })
}
