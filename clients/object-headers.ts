// What headers of the object store say, in both directions. They carry everything percent-encoded.
import { normalisedHeader } from '@synnefo/object-store/wire/header-names.ts'
import type { Attached, ContainerPolicy, LinkLimits, Metadata, Sharing } from './object-shapes.ts'

export function readSharing(text: string): Sharing {
  const of = (right: string) => new RegExp(`(?:^|; ?)${right}=([^;]+)`).exec(text)?.[1]?.split(',') ?? []
  return { read: of('read'), write: of('write') }
}

export const writeSharing = ({ read, write }: Sharing): string =>
  [read.length > 0 && `read=${read.join(',')}`, write.length > 0 && `write=${write.join(',')}`].filter(Boolean).join(';')

/** What the headers of an object say about its path. */
export function readAttached(headers: Headers): Attached {
  const text = (name: string) => {
    const value = headers.get(name)
    return value === null ? undefined : decodeURIComponent(value)
  }
  const sharing = text('x-object-sharing')
  const sharedBy = text('x-object-shared-by')
  const allowedTo = headers.get('x-object-allowed-to')
  const url = text('x-object-public')
  const expires = headers.get('x-object-public-expires')
  const downloads = headers.get('x-object-public-downloads')
  return {
    ...(sharing === undefined ? {} : { sharing: readSharing(sharing) }),
    ...(sharedBy === undefined ? {} : { sharedBy: sharedBy.split('/').slice(2).join('/') }),
    ...(allowedTo === 'read' || allowedTo === 'write' ? { allowedTo } : {}),
    ...(url === undefined
      ? {}
      : {
          link: {
            url,
            ...(expires === null ? {} : { expiresAt: new Date(expires) }),
            ...(downloads === null ? {} : { downloadsLeft: Number(downloads) }),
            hasPassword: headers.get('x-object-public-password') === 'required',
          },
        }),
  }
}

export function linkHeaders({ expiresInSeconds, downloads, password }: LinkLimits): Record<string, string> {
  const stated = {
    'X-Object-Public-Expires': expiresInSeconds,
    'X-Object-Public-Downloads': downloads,
    'X-Object-Public-Password': typeof password === 'string' ? encodeURIComponent(password) : password,
  }
  return Object.fromEntries(
    Object.entries(stated).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value ?? '')]])),
  )
}

/** What may stand in the name of a header is less than in an address. */
const headerName = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)

/** Headers of a prefix, by what comes after it, decoded. */
function readPrefixed(headers: Headers, prefix: string): [string, string][] {
  const found = [...headers].filter(([name]) => name.startsWith(prefix) && name.length > prefix.length)
  return found.map(([name, value]) => [decodeURIComponent(name.slice(prefix.length)), decodeURIComponent(value)])
}

const GROUP = 'x-account-group-'

/** Names of groups with their members. */
export const readGroups = (headers: Headers): Map<string, string[]> =>
  new Map(readPrefixed(headers, GROUP).map(([name, members]) => [name, members.split(',')]))

/** Nobody in it: the group goes. */
export const groupHeader = (name: string, members: readonly string[]): Record<string, string> => ({
  [GROUP + headerName(name)]: members.join(','),
})

const META = 'x-object-meta-'

export const readMetadata = (headers: Headers): Metadata =>
  Object.fromEntries(readPrefixed(headers, META).map(([name, value]) => [normalisedHeader(name), value]))

export const metadataHeaders = (metadata: Metadata): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata).map(([name, value]) => [META + headerName(name), encodeURIComponent(value)]))

export function policyHeaders({ quota, versioning, project }: ContainerPolicy): Record<string, string> {
  const stated = {
    'X-Container-Policy-Quota': quota,
    'X-Container-Policy-Versioning': versioning,
    'X-Container-Policy-Project': project,
  }
  return Object.fromEntries(
    Object.entries(stated).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )
}
