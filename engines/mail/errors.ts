/** The mail will never be accepted as it is: no such mailbox, or not a mail address. */
export class MailRefused extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options)
    this.name = 'MailRefused'
  }
}

/** Ids become file names and header values. */
export function checkMailId(id: string): void {
  if (!/^[A-Za-z0-9-]{1,100}$/.test(id)) throw new TypeError(`not a mail id: ${JSON.stringify(id)}`)
}
