/** The broker cannot be reached, or does not answer: what was asked may or may not have happened. */
export class QueueUnavailable extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options)
    this.name = 'QueueUnavailable'
  }
}
