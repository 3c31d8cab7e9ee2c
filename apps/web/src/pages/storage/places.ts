/** Where a folder of a container is shown. The folder is '' or ends in a slash. */
export function containerAddress(container: string, folder = ''): string {
  return `/storage/${encodeURIComponent(container)}${folder === '' ? '' : `?folder=${encodeURIComponent(folder)}`}`
}

export const lastPart = (name: string) => name.replace(/\/$/, '').split('/').at(-1) ?? name

/** The folders above, outermost first, each with its own address. */
export function crumbsOf(container: string, folder: string): { text: string; to: string }[] {
  const parts = folder.split('/').slice(0, -1)
  const above = parts.map((part, index) => ({
    text: part,
    to: containerAddress(container, `${parts.slice(0, index + 1).join('/')}/`),
  }))
  return [{ text: 'Object storage', to: '/storage' }, { text: container, to: containerAddress(container) }, ...above].slice(0, -1)
}
