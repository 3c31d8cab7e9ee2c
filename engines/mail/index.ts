// Sends mail. Who is told what is decided elsewhere; here a finished text leaves the house.

export { openConsole } from './console.ts'
export { MailRefused } from './errors.ts'
export { openFiles } from './files.ts'
export { openSimulated, type SimulatedMailer } from './simulated.ts'
export { openSmtp, type SmtpServer } from './smtp.ts'

export interface Mail {
  /** Names the mail for ever (letters, digits, hyphens): sending the same id again is the same mail, not another one. */
  id: string
  /** An address, or a name with an address in angle brackets. */
  from: string
  to: string
  subject: string
  text: string
  date: Date
}

export interface Mailer {
  readonly can: {
    /** Mails stay here to be read by `list` and `read`. */
    keep: boolean
  }
  /**
   * Answers when the mail is in safe hands: accepted by the server, or durably written.
   * Fails with `MailRefused` when trying again is no use; any other failure may pass.
   */
  send(mail: Mail): Promise<void>
  /** The newest kept mails, newest first. Empty where mails are not kept. */
  list(limit: number): Promise<Mail[]>
  /** One kept mail, or undefined. */
  read(id: string): Promise<Mail | undefined>
  close(): Promise<void>
}
