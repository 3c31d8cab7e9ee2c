// Functions of the C library that Node has no way to.
import { createRequire } from 'node:module'

const F_DUPFD_CLOEXEC = 1030
const EFD_CLOEXEC = 0o2000000
const EFD_NONBLOCK = 0o4000

/** As the C library has them: -1 is a failure, and `errno` tells which. */
export interface SystemCalls {
  recv(socket: number, into: Uint8Array, bytes: number, flags: number): number
  /** Reads from `offset` on, and moves it. */
  sendfile(socket: number, file: number, offset: BigInt64Array, bytes: number): number
  poll(entries: Int32Array, count: number, timeoutMillis: number): number
  /** Of the call before. */
  errno(): number
  readonly errors: Readonly<Record<string, number>>
  /** One more descriptor of the same thing, which children do not inherit. */
  duplicate(descriptor: number): number
  /** What one thread wakes another one with: becomes readable when eight bytes, a number, are written to it. */
  eventDescriptor(): number
}

/** Fails where there is none: this needs glibc, on a processor that the package of foreign functions knows. */
export function loadSystemCalls(): SystemCalls {
  // Not by `import`: a package for another processor must not keep the process from starting.
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi')
  const libc = koffi.load('libc.so.6')
  const fcntl = libc.func('int fcntl(int descriptor, int command, ...)')
  const eventfd = libc.func('int eventfd(unsigned int initial, int flags)')
  const checked = (name: string, result: number) => {
    if (result >= 0) return result
    throw new Error(`${name} failed with error ${koffi.errno()} of the system`)
  }
  return {
    recv: libc.func('int64_t recv(int socket, void *into, size_t bytes, int flags)'),
    sendfile: libc.func('int64_t sendfile(int socket, int file, void *offset, size_t bytes)'),
    poll: libc.func('int poll(void *entries, unsigned long count, int timeout)'),
    errno: () => koffi.errno(),
    errors: koffi.os.errno,
    duplicate: (descriptor) => checked('fcntl', fcntl(descriptor, F_DUPFD_CLOEXEC, 'int', 0)),
    eventDescriptor: () => checked('eventfd', eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
  }
}
