// Listens for NBD clients of one volume on a Unix socket.
import { chmodSync, chownSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { basename, dirname, join } from 'node:path'
import type { Volume } from '../volume/volume.ts'
import { attend } from './connection.ts'

/** Who besides us may connect: a user, or a group. */
export interface SocketOwner {
  uid?: number
  gid?: number
}

export interface ServerOptions {
  name: string
  volume: Volume
  socketPath: string
  owner?: SocketOwner
  onWorked: () => void
}

export interface NbdServer {
  /** Hangs up on all clients. */
  close(): void
}

const MAX_CLIENTS = 16
/** What the kernel allows for the address of a Unix socket, without the closing zero. */
export const MAX_SOCKET_PATH_BYTES = 107

/**
 * The socket appears under its name at once with its final rights, taking the place of one that a process left
 * behind. The caller holds the volume's lock, so nobody listens there any more.
 */
export async function listenNbd({ socketPath, owner, ...options }: ServerOptions): Promise<NbdServer> {
  const clients = new Set<Socket>()
  const server = createServer({ noDelay: false }, (socket) => {
    clients.add(socket)
    socket.once('close', () => clients.delete(socket))
    attend(socket, options)
  })
  server.maxConnections = MAX_CLIENTS

  const hidden = join(dirname(socketPath), `.${basename(socketPath)}`)
  rmSync(hidden, { recursive: true, force: true })
  mkdirSync(hidden, { mode: 0o700 })
  try {
    const unready = join(hidden, 's')
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(unready, resolve))
    chmodSync(unready, owner?.gid === undefined ? 0o600 : 0o660)
    if (owner) chownSync(unready, owner.uid ?? process.getuid!(), owner.gid ?? process.getgid!())
    renameSync(unready, socketPath)
  } catch (error) {
    server.close()
    throw error
  } finally {
    rmSync(hidden, { recursive: true, force: true })
  }
  return {
    close() {
      rmSync(socketPath, { force: true })
      for (const client of clients) client.destroy()
      server.close()
    },
  }
}
