import { Fault } from '@synnefo/lib/fault'
import type { Plugin } from '@synnefo/lib/http'
import type { Identity } from '../identity.ts'
import { rememberPeople, statistics } from '../statistics.ts'
import { answerJsonp } from './jsonp.ts'
import { person } from './who-asks.ts'

/** GET /admin/stats for everybody, /admin/stats/detail for members of certain groups. */
export const statisticsRoutes: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  const people = rememberPeople(identity)
  const caller = person(identity)
  for (const slash of ['', '/']) {
    app.get(`/stats${slash}`, async (request, reply) => {
      const { total, active } = await people.get()
      return answerJsonp(request, reply, { users: { total, active } })
    })
    app.get(`/stats/detail${slash}`, { onRequest: caller.authorise }, async (request, reply) => {
      const permitted = identity.settings.ASTAKOS_ADMIN_STATS_PERMITTED_GROUPS
      if (!caller.of(request).groups.some(({ name }) => permitted.includes(name))) {
        throw new Fault('forbidden', 'Statistics are for members of certain groups only')
      }
      reply.header('Cache-Control', 'no-cache, no-store, must-revalidate, max-age=0')
      return statistics(identity)
    })
  }
}
