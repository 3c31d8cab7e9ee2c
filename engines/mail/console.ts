// Mail on a terminal or in a log, for those who develop: each as it would travel, with a line of dashes after it.
import type { Writable } from 'node:stream'
import { compose } from './compose.ts'
import { checkMailId, MailRefused } from './errors.ts'
import type { Mailer } from './index.ts'

export function openConsole(output: Writable): Mailer {
  return {
    can: { keep: false },
    async send(mail) {
      checkMailId(mail.id)
      if (!/^[^\s@]+@[^\s@]+$/.test(mail.to.trim())) throw new MailRefused(`Not a mail address: ${mail.to}`)
      const content = await compose(mail)
      await new Promise<void>((written, failed) => {
        output.write(`${content.toString('utf8')}\n${END_OF_MAIL}\n`, (error) => (error ? failed(error) : written()))
      })
    },
    list: async () => [],
    read: async () => undefined,
    close: async () => {},
  }
}

export const END_OF_MAIL = '-'.repeat(79)
