// Moves bytes between sockets and files or memory in threads beside the main one, where Node would copy them once more
// and spend the time of the main thread on it.
import type { Log } from '../log/index.ts'
import { loadSystemCalls } from './system-calls.ts'
import { openThreads } from './threads.ts'

export { descriptorOf } from './descriptor.ts'
export { ConnectionGone, ConnectionSilent, FileTooShort } from './errors.ts'

export interface MoveOptions {
  /** Fails with `ConnectionSilent` when no byte moved for so long. */
  silenceMillis: number
  /** Ends it soon, with the reason of the signal. How much was moved is not told. */
  signal?: AbortSignal | undefined
}

/**
 * Sockets are named by their descriptors; what becomes of a descriptor after the call does not matter, the connection
 * that it stood for is the one that is used. Nobody else may read, or write, from that connection until the answer.
 */
export interface SocketIo {
  /**
   * Fills shared memory with what the other side sends, or less of it when that ends; answers how many bytes. The memory
   * is not touched after this settles, however it does. Fails with `ConnectionGone`.
   */
  receive(socket: number, into: Uint8Array, options: MoveOptions): Promise<number>
  /** To send files, one after the other. */
  hold(socket: number): HeldSocket
  /** Ends everything that is under way, and the threads. */
  close(): Promise<void>
}

export interface HeldSocket {
  /**
   * Sends bytes of an open file, which the caller closes after this settles. The next may be asked for before this one is
   * sent; when one fails, so do those behind it. Fails with `ConnectionGone`, and with `FileTooShort` when the file ends
   * before.
   */
  sendFile(file: number, from: number, bytes: number, options: MoveOptions): Promise<void>
  /** To be called when nothing more is to be sent by this. What is under way goes on. */
  release(): void
}

/** Answers undefined, and says so in the log, where functions of the system cannot be called: then Node must do it all. */
export function openSocketIo({ log, idleMillis = 30_000 }: { log: Log; idleMillis?: number }): SocketIo | undefined {
  try {
    return openThreads(loadSystemCalls(), idleMillis)
  } catch (error) {
    log.warn({ error }, 'large contents take the slow way to and from the network: functions of the system cannot be called')
    return undefined
  }
}
