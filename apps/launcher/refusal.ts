/** Something a person must do first. Said without a stack trace: what is wrong, then the exact remedy. */
export class Refusal extends Error {
  readonly remedy: string | undefined
  constructor(message: string, remedy?: string) {
    super(message)
    this.name = 'Refusal'
    this.remedy = remedy
  }
}
