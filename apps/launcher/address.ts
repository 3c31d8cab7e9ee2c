// Where the cloud answers: one port for everything, remembered from one `up` to the next.
import { once } from 'node:events'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { findFreePort } from '@synnefo/lib/free-port'
import type { Home } from './host/folders.ts'
import { Refusal } from './refusal.ts'
import { readJson, writeJson } from './supervisor/plan.ts'

export interface Address {
  /** IP address to listen on. */
  listen: string
  port: number
}

const FIRST: Address = { listen: '127.0.0.1', port: 8080 }
const memoryOf = (home: Home) => join(home.state, 'address.json')

/** What the last `up` of this home was told. */
export function rememberedAddress(home: Home): Address {
  return readJson<Address>(memoryOf(home)) ?? FIRST
}

export function rememberAddress(home: Home, address: Address): void {
  writeJson(memoryOf(home), address)
}

/** Paths of the services below the one port, as the catalogue names them. */
const PATHS = {
  web: '/',
  identity: '/astakos/identity/v2.0',
  account: '/astakos/account/v1.0',
  objectStore: '/pithos/object-store/v1',
  image: '/cyclades/image/v1.0',
  compute: '/cyclades/compute/v2.0',
  network: '/cyclades/network/v2.0',
  volume: '/cyclades/volume/v2.0',
}

export type Urls = Record<keyof typeof PATHS, string>

/** Where others reach the cloud, without a slash at the end. */
export function baseUrlOf({ listen, port }: Address): string {
  return `http://${inUrl(reachableHost(listen))}:${port}`
}

/** As people and programs on this host or, when it listens to them, on others reach the cloud. */
export function urlsOf(address: Address): Urls {
  const base = baseUrlOf(address)
  return Object.fromEntries(Object.entries(PATHS).map(([name, path]) => [name, base + path])) as Urls
}

/** For our own requests from this host. */
export function localUrl({ listen, port }: Address): string {
  return `http://${inUrl(localHost(listen))}:${port}`
}

export function localHost(listen: string): string {
  if (!isAny(listen)) return listen
  return listen === '::' ? '::1' : '127.0.0.1'
}

function reachableHost(listen: string): string {
  if (!isAny(listen)) return listen
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')
  return outside?.address ?? '127.0.0.1'
}

function isAny(listen: string): boolean {
  return listen === '0.0.0.0' || listen === '::'
}

function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/** Answers the port once it is known to be free; 0 picks one. */
export async function claimPort({ listen, port }: Address): Promise<number> {
  try {
    if (port === 0) return await findFreePort(listen)
    const server = createServer().listen({ host: listen, port })
    await once(server, 'listening')
    server.close()
    return port
  } catch (error) {
    throw toRefusal(error as NodeJS.ErrnoException, { listen, port })
  }
}

function toRefusal(error: NodeJS.ErrnoException, { listen, port }: Address): Error {
  const elsewhere = 'choose another one with: ./synnefo up --port N (0 picks a free one)'
  if (error.code === 'EADDRINUSE') return new Refusal(`port ${port} on ${listen} is taken by another program`, elsewhere)
  if (error.code === 'EACCES') return new Refusal(`port ${port} may not be used without root`, elsewhere)
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'EINVAL')
    return new Refusal(`${listen} is not an address of this host`, 'use one of its addresses, or 0.0.0.0 for all of them')
  return error
}
