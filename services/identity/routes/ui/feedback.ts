// The contact form of the web page.
import { type Plugin, Type } from '@synnefo/lib/http'
import type { Identity } from '../../identity.ts'
import { readSessionCookie } from '../../sessions/cookie.ts'
import { checkEmail } from '../../users/create.ts'
import { sendFeedback } from '../../users/feedback.ts'
import { changing, originOf } from './person.ts'

const Text = Type.String({ maxLength: 30_000 })
const FeedbackForm = Type.Object({
  message: Text,
  data: Type.Optional(Text),
  /** Of somebody who is not signed in: where an answer goes. */
  email: Type.Optional(Text),
})

export const feedbackRoutes: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  app.post('/feedback', { schema: { body: FeedbackForm } }, async (request) => {
    const { message, data = '', email = '' } = request.body
    const writer =
      readSessionCookie(request) === undefined
        ? { uuid: '', email: checkEmail(email) }
        : (await changing(identity, request)).person
    const { uuid, email: from } = writer
    await sendFeedback(identity, { uuid, email: from }, { message, data }, originOf(request))
    return {}
  })
}
