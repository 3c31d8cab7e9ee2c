import { Fault } from '@synnefo/lib/fault'
import { plugin } from '@synnefo/lib/http'

const SAFE = ['GET', 'HEAD', 'OPTIONS']

/** Nothing is changed at the wish of another site's page, not even before there is a session with a CSRF token. */
export const crossOrigin = plugin(async (app) => {
  app.addHook('onRequest', async ({ method, headers }, reply) => {
    reply.header('Cache-Control', 'no-store')
    if (SAFE.includes(method)) return
    const site = headers['sec-fetch-site']
    if (site === 'cross-site' || site === 'same-site') {
      throw new Fault('forbidden', 'This call is for the pages of this cloud only.')
    }
  })
})
