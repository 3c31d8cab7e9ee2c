import { type Mailer, MailRefused } from '@synnefo/engine-mail'
import { defineTask, eachOf } from '@synnefo/lib/tasks'
import { claimDueMails, deleteMail, noteMailDelay, noteMailRefused } from '../store/mails.ts'

const AT_ONCE = 4
const PER_RUN = 40

/** Sends what waits in the outbox. A server that is down only delays; a mail leaves the outbox when it is in safe hands. */
export const sendMails = defineTask<{ mailer: Mailer }>({
  name: 'identity.send-mails',
  every: '60s',
  async run({ db, log, mailer }) {
    const report = { sent: 0, delayed: 0, refused: 0, again: 0 }
    const due = await claimDueMails(db, PER_RUN)
    await eachOf(due, { atOnce: AT_ONCE }, async ({ id, sender, recipient, subject, body, createdAt, attempts }) => {
      try {
        await mailer.send({
          id: `${createdAt.getTime()}-${id}`,
          from: sender,
          to: recipient,
          subject,
          text: body,
          date: createdAt,
        })
        await deleteMail(db, id)
        report.sent += 1
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        if (error instanceof MailRefused) {
          await noteMailRefused(db, id, reason)
          report.refused += 1
          log.warn({ mail: id, reason }, 'a mail was refused for good')
        } else {
          await noteMailDelay(db, id, reason)
          report.delayed += 1
          log.warn({ mail: id, attempts, reason }, 'a mail has to wait')
        }
      }
    })
    if (due.length === PER_RUN) report.again = 1
    return report
  },
})
