export class VolumeExists extends Error {
  constructor(name: string) {
    super(`volume ${name} exists already with another size or source`)
    this.name = 'VolumeExists'
  }
}

export class VolumeMissing extends Error {
  constructor(name: string) {
    super(`volume ${name} does not exist`)
    this.name = 'VolumeMissing'
  }
}

/** The volume is served, by this process or by another one. */
export class VolumeBusy extends Error {
  constructor(name: string) {
    super(`volume ${name} is in use`)
    this.name = 'VolumeBusy'
  }
}
