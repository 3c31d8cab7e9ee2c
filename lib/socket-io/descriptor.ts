import type { Socket } from 'node:net'

/** What Node keeps behind a socket, as far as it tells. */
interface Handle {
  readonly fd?: unknown
}

/**
 * The descriptor of a plain TCP connection of Node's; undefined where bytes would pass through something else, such as
 * TLS, where the connection is closed, and where Node does not tell.
 */
export function descriptorOf(socket: Socket): number | undefined {
  const handle = (socket as { _handle?: Handle | null })._handle
  if (socket.destroyed || handle?.constructor.name !== 'TCP') return undefined
  return typeof handle.fd === 'number' && handle.fd >= 0 ? handle.fd : undefined
}
