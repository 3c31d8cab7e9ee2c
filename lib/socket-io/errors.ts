/** The other side closed or lost the connection. */
export class ConnectionGone extends Error {
  override name = 'ConnectionGone'

  constructor() {
    super('the other side went away')
  }
}

/** The other side neither took nor sent a byte for as long as it may. */
export class ConnectionSilent extends Error {
  override name = 'ConnectionSilent'

  constructor() {
    super('the other side has been silent for too long')
  }
}

export class FileTooShort extends Error {
  override name = 'FileTooShort'

  constructor() {
    super('the file ended before all bytes of it were sent')
  }
}
