// The one-time address of a server's console: asked for each time a console is opened, and used at once.
import type { Console, ConsoleKind } from '@synnefo/clients/compute'
import { compute } from '../cloud/connection.ts'

export interface ConsoleAddress {
  url: string
  password: string | undefined
}

export async function askForConsole(server: number, kind: ConsoleKind): Promise<ConsoleAddress> {
  const { url, password }: Console = await compute.openConsole(server, kind)
  return { url: socketUrl(url), password }
}

/** Always the host of this page: no other is contacted. */
function socketUrl(url: string): string {
  const { pathname, search } = new URL(url, location.origin)
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${pathname}${search}`
}
