const search = (asked: Record<string, string | number | undefined>) => {
  const stated = Object.entries(asked).filter(([, value]) => value !== undefined && value !== '')
  return stated.length === 0 ? '' : `?${stated.map(([name, value]) => `${name}=${encodeURIComponent(value!)}`).join('&')}`
}

/** How a folder of one's own is shown: as it was at a moment, or only what others see of it. */
export interface Showing {
  /** Seconds since 1970. */
  at?: number | undefined
  shared?: boolean
}

/** Where a folder of a container is shown. The folder is '' or ends in a slash. */
export const containerAddress = (container: string, folder = '', { at, shared = false }: Showing = {}): string =>
  `/storage/${encodeURIComponent(container)}${search({ folder, at, shared: shared ? 1 : undefined })}`

/** What an address of a container asks for. */
export function shownAt(parameters: URLSearchParams): { folder: string } & Showing {
  const at = parameters.get('at') ?? ''
  return {
    folder: parameters.get('folder') ?? '',
    at: /^\d{1,12}(\.\d+)?$/.test(at) ? Number(at) : undefined,
    shared: parameters.has('shared'),
  }
}

/** Where a folder of somebody else is shown. */
export const sharedAddress = (account: string, container: string, folder = ''): string =>
  `/shared/${encodeURIComponent(account)}/${encodeURIComponent(container)}${search({ folder })}`

/** Where files are searched for, in one container or in all. */
export const searchAddress = (container?: string, meta?: string): string => `/search${search({ in: container, meta })}`

export const lastPart = (name: string) => name.replace(/\/$/, '').split('/').at(-1) ?? name

export interface Crumb {
  text: string
  to: string
}

/** The container and the folders on the way to a folder, outermost first, each with its own address; the folder itself is left out. */
export function foldersAbove(container: string, folder: string, addressOf: (folder: string) => string): Crumb[] {
  const parts = folder.split('/').slice(0, -1)
  const above = parts.map((part, index) => ({ text: part, to: addressOf(`${parts.slice(0, index + 1).join('/')}/`) }))
  return [{ text: container, to: addressOf('') }, ...above].slice(0, -1)
}

export const crumbsOf = (container: string, folder: string, showing?: Showing): Crumb[] => [
  { text: 'Object storage', to: '/storage' },
  ...foldersAbove(container, folder, (each) => containerAddress(container, each, showing)),
]
