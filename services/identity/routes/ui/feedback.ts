// The contact form of the web page.
import { type Plugin, Type } from '@synnefo/lib/http'
import type { Identity } from '../../identity.ts'
import { readSessionCookie } from '../../sessions/cookie.ts'
import { checkEmail } from '../../users/create.ts'
import { sendFeedback } from '../../users/feedback.ts'
import { checkVisitor } from '../../visitors/check.ts'
import { changing, originOf } from './person.ts'
import { ShownFields } from './visitors.ts'

const Text = Type.String({ maxLength: 30_000 })
const FeedbackForm = Type.Object({
  message: Text,
  data: Type.Optional(Text),
  /** Of somebody who is not signed in: where an answer goes. */
  email: Type.Optional(Text),
  ...ShownFields,
})

export const feedbackRoutes: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  app.post('/feedback', { schema: { body: FeedbackForm } }, async (request) => {
    const { message, data = '', email = '' } = request.body
    const origin = originOf(request)
    if (readSessionCookie(request) === undefined) {
      const visitor = { uuid: '', email: checkEmail(email) }
      await checkVisitor(identity, request.body, origin.address)
      await sendFeedback(identity, visitor, { message, data }, origin)
    } else {
      const { person } = await changing(identity, request)
      await sendFeedback(identity, person, { message, data }, origin)
    }
    return {}
  })
}
