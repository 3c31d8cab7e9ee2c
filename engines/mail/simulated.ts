// Mail in memory: for tests and demonstrations, which also need servers that are down or refuse.
import { checkMailId } from './errors.ts'
import type { Mail, Mailer } from './index.ts'

export interface SimulatedMailer extends Mailer {
  /** Everything that was sent, oldest first. */
  readonly sent: readonly Mail[]
}

export interface SimulatedOptions {
  /** Called before a mail is taken; may throw to make sending fail, or wait to make it slow. */
  before?: (mail: Mail) => void | Promise<void>
}

export function openSimulated({ before }: SimulatedOptions = {}): SimulatedMailer {
  const kept = new Map<string, Mail>()
  return {
    can: { keep: true },
    get sent() {
      return [...kept.values()]
    },
    async send(mail) {
      checkMailId(mail.id)
      await before?.(mail)
      if (!kept.has(mail.id)) kept.set(mail.id, structuredClone(mail))
    },
    list: async (limit) => [...kept.values()].sort((a, b) => b.date.getTime() - a.date.getTime()).slice(0, limit),
    read: async (id) => kept.get(id),
    close: async () => {},
  }
}
