// The one-time address of a server's console: asked for each time a console is opened, and used at once.
import type { ConsoleKind } from '@synnefo/clients/compute'
import { compute } from '../cloud/connection.ts'

export interface ConsoleAddress {
  url: string
  password: string
}

export async function askForConsole(server: number, kind: ConsoleKind): Promise<ConsoleAddress> {
  const { url, password } = await compute.openConsole(server, kind)
  if (url === undefined) throw new Error('This cloud has no consoles for browsers')
  // Always the host of this page: no other is contacted.
  return { url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${url}`, password }
}
