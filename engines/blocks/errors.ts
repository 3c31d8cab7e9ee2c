/** The data is not what was announced; nothing was stored. */
export class BlockMismatch extends Error {
  constructor(expected: string, actual: string) {
    super(`block ${expected} was announced but the data has hash ${actual}`)
    this.name = 'BlockMismatch'
  }
}

/** The stored content no longer matches its name. */
export class BlockDamaged extends Error {
  readonly hash: string

  constructor(hash: string) {
    super(`block ${hash} is damaged: its content no longer matches its name`)
    this.name = 'BlockDamaged'
    this.hash = hash
  }
}

/** The block is needed and is not there. */
export class BlockMissing extends Error {
  readonly hash: string

  constructor(hash: string) {
    super(`block ${hash} is missing`)
    this.name = 'BlockMissing'
    this.hash = hash
  }
}

/** The store is full; nothing was stored and nothing was left behind. */
export class NoSpace extends Error {
  constructor(where: string, options?: ErrorOptions) {
    super(`no space left for blocks in ${where}`, options)
    this.name = 'NoSpace'
  }
}

/** The folder of blocks was filled with another key than it was opened with, or one of both had none. */
export class BlocksKeyWrong extends Error {
  constructor(folder: string, problem: string) {
    super(`the blocks in ${folder} ${problem}`)
    this.name = 'BlocksKeyWrong'
  }
}

/** The store was opened for reading only. */
export class BlocksReadOnly extends Error {
  constructor() {
    super('the block store is open for reading only')
    this.name = 'BlocksReadOnly'
  }
}
