/** Where a folder of a container is shown, as it is or as it was. The folder is '' or ends in a slash. */
export function containerAddress(container: string, folder = '', at?: number): string {
  const asked = [folder !== '' && `folder=${encodeURIComponent(folder)}`, at !== undefined && `at=${at}`].filter(Boolean)
  return `/storage/${encodeURIComponent(container)}${asked.length === 0 ? '' : `?${asked.join('&')}`}`
}

/** The folder and the moment, in seconds since 1970, that an address of a container asks for. */
export function shownAt(parameters: URLSearchParams): { folder: string; at: number | undefined } {
  const at = parameters.get('at') ?? ''
  return { folder: parameters.get('folder') ?? '', at: /^\d{1,12}(\.\d+)?$/.test(at) ? Number(at) : undefined }
}

export const lastPart = (name: string) => name.replace(/\/$/, '').split('/').at(-1) ?? name

/** The folders above, outermost first, each with its own address. */
export function crumbsOf(container: string, folder: string, at?: number): { text: string; to: string }[] {
  const parts = folder.split('/').slice(0, -1)
  const above = parts.map((part, index) => ({
    text: part,
    to: containerAddress(container, `${parts.slice(0, index + 1).join('/')}/`, at),
  }))
  return [
    { text: 'Object storage', to: '/storage' },
    { text: container, to: containerAddress(container, '', at) },
    ...above,
  ].slice(0, -1)
}
