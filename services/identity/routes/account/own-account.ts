// What a person does about himself by API: says something to the operator, chooses the project that pays.
import { Fault } from '@synnefo/lib/fault'
import { audit } from '../../audit.ts'
import type { Identity } from '../../identity.ts'
import { setDefaultProject } from '../../projects/default-project.ts'
import { sendFeedback } from '../../users/feedback.ts'
import { asDict, jsonBody, type Serve } from '../dialect.ts'
import { person } from '../who-asks.ts'

export function ownAccountRoutes(serve: Serve, identity: Identity): void {
  const who = person(identity)
  const owner = person(identity, { whole: true })

  serve(
    '/v1.0/feedback',
    {
      POST: async (request, reply) => {
        // A form, whatever the type says: the client of old sends none, or another.
        const form = new URLSearchParams(((request.body as Buffer | undefined) ?? Buffer.alloc(0)).toString('utf8'))
        const message = form.get('feedback_msg')?.trim() ?? ''
        const data = form.get('feedback_data') ?? ''
        if (message === '' || `${message}${data}`.includes('\0')) throw new Fault('badRequest', 'Invalid data')
        const origin = { address: request.ip, userAgent: '' }
        try {
          await sendFeedback(identity, who.of(request), { message, data }, origin)
        } catch (error) {
          // Nobody is set who could be told. A mail server that is down only delays the mail.
          if (!(error instanceof Fault && error.kind === 'serviceUnavailable')) throw error
          reply.code(502)
        }
        return undefined
      },
    },
    who,
  )

  serve(
    '/v1.0/myaccount/default_project',
    {
      POST: async (request) => {
        const { project_id: project } = asDict(jsonBody(request))
        if (project === undefined || project === null) throw new Fault('forbidden', 'Project id not specified')
        if (typeof project !== 'string' || project.includes('\0'))
          throw new Fault('badRequest', '"project_id" should be a string')
        const { id, uuid } = owner.of(request)
        await identity.db.transaction(async (tx) => {
          await setDefaultProject(identity, tx, { id }, project)
          const target = `user:${uuid}`
          const details = { project }
          const address = request.ip
          await audit(tx, { service: 'identity', actor: uuid, action: 'user-default-project', target, address, details })
        })
        return undefined
      },
    },
    owner,
  )
}
