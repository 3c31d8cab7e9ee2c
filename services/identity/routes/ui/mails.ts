// Mails that stay in the house because there is no mail server: administrators read them on a page.
import type { Mail, Mailer } from '@synnefo/engine-mail'
import { Fault } from '@synnefo/lib/fault'
import { type Plugin, Type } from '@synnefo/lib/http'
import type { FastifyRequest } from 'fastify'
import type { Identity } from '../../identity.ts'
import { ADMINISTRATORS } from '../../users/administrators.ts'
import { signedIn } from './person.ts'

const MailPath = Type.Object({ id: Type.String({ pattern: '^[A-Za-z0-9-]{1,100}$' }) })
const SHOWN = 200

interface Options extends Record<string, unknown> {
  identity: Identity
  mailer: Mailer
}

export const mailRoutes: Plugin<Options> = async (app, { identity, mailer }) => {
  async function checkAdministrator(request: FastifyRequest) {
    const { person } = await signedIn(identity, request)
    if (!person.groups.some(({ name }) => name === ADMINISTRATORS))
      throw new Fault('forbidden', 'Mails are for administrators only.')
  }

  app.get('/mails', async (request) => {
    await checkAdministrator(request)
    const mails = await mailer.list(SHOWN)
    return { kept: mailer.can.keep, mails: mails.map(describe) }
  })

  app.get('/mails/:id', { schema: { params: MailPath } }, async (request) => {
    await checkAdministrator(request)
    const mail = await mailer.read(request.params.id)
    if (!mail) throw new Fault('itemNotFound', `There is no mail ${request.params.id}`)
    return { ...describe(mail), text: mail.text }
  })
}

const describe = ({ id, from, to, subject, date }: Mail) => ({ id, from, to, subject, sentAt: date })
