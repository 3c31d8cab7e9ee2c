// Numbers of the NBD protocol (NetworkBlockDevice/nbd doc/proto.md), as far as they are used here.

export const MAGIC = Buffer.from('NBDMAGIC')
export const OPTION_MAGIC = Buffer.from('IHAVEOPT')
export const OPTION_REPLY_MAGIC = 0x3e889045565a9n
export const REQUEST_MAGIC = 0x25609513
export const REPLY_MAGIC = 0x67446698

export const HANDSHAKE_FLAGS = { fixedNewstyle: 1, noZeroes: 2 } as const

export const OPTION = { exportName: 1, abort: 2, list: 3, info: 6, go: 7 } as const

export const OPTION_REPLY = {
  ack: 1,
  server: 2,
  info: 3,
  unsupported: 0x80000001,
  invalid: 0x80000003,
  unknown: 0x80000006,
} as const

export const INFO = { export: 0, name: 1, blockSize: 3 } as const

export const TRANSMISSION = {
  hasFlags: 1,
  sendFlush: 1 << 2,
  sendFua: 1 << 3,
  sendTrim: 1 << 5,
  sendWriteZeroes: 1 << 6,
  canMultiConn: 1 << 8,
} as const

export const COMMAND = { read: 0, write: 1, disconnect: 2, flush: 3, trim: 4, writeZeroes: 6 } as const

export const COMMAND_FLAG = { fua: 1, noHole: 2 } as const

export const ERROR = { none: 0, io: 5, invalid: 22, noSpace: 28 } as const

export const OPTION_HEADER_BYTES = 16
export const REQUEST_BYTES = 28
export const REPLY_BYTES = 16

/** The most that one read or write may carry; what the protocol lets clients assume. */
export const MAX_PAYLOAD_BYTES = 32 * 1024 * 1024
/** Far beyond the longest option a client has reason to send. */
export const MAX_OPTION_BYTES = 64 * 1024
