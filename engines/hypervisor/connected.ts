import { connect, type Socket } from 'node:net'

/** A connection to a Unix socket. Fails when nobody listens; later errors just close it. */
export function connected(socketPath: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath, () => {
      socket.off('error', reject)
      socket.on('error', () => socket.destroy())
      resolve(socket)
    })
    socket.once('error', reject)
  })
}
