/** What was asked for cannot be: the specification contradicts itself or what exists. The message says how. */
export class SpecRefused extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SpecRefused'
  }
}

/** This host lacks something that the data plane needs. The message names the remedy. */
export class HostNotReady extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'HostNotReady'
  }
}
