// What a person says about an image, and what the image API is told.
import type { Image, ImageFields } from '@synnefo/clients/image'

export interface ImageDraft {
  name: string
  description: string
  diskFormat: string
  osFamily: string
  os: string
  rootPartition: string
  users: string
  isPublic: boolean
}

export const OS_FAMILIES = [
  { value: 'linux', label: 'Linux' },
  { value: 'windows', label: 'Windows' },
  { value: 'freebsd', label: 'FreeBSD' },
  { value: 'openbsd', label: 'OpenBSD' },
  { value: 'netbsd', label: 'NetBSD' },
]

/** Distributions that have a picture of their own in most clients. */
export const SYSTEMS = [
  'debian',
  'ubuntu',
  'fedora',
  'centos',
  'archlinux',
  'opensuse',
  'gentoo',
  'rhel',
  'windows',
  'freebsd',
  'openbsd',
  'netbsd',
]

export const DISK_FORMATS = [
  { value: 'diskdump', label: 'Whole disk', description: 'With a partition table and a boot loader' },
  { value: 'extdump', label: 'Linux file system', description: 'One ext file system without partitions' },
  { value: 'ntfsdump', label: 'Windows file system', description: 'One NTFS file system without partitions' },
]

/** A first guess from the name of the file. */
export function draftFor(fileName: string): ImageDraft {
  const os = SYSTEMS.find((system) => fileName.toLowerCase().includes(system)) ?? ''
  const extension = /\.(diskdump|extdump|ntfsdump)$/i.exec(fileName)?.[1]?.toLowerCase()
  const osFamily = OS_FAMILIES.some(({ value }) => value === os) ? os : 'linux'
  return {
    name: fileName.replace(/\.(diskdump|extdump|ntfsdump|img|raw)$/i, ''),
    description: '',
    diskFormat: extension ?? 'diskdump',
    osFamily,
    os,
    rootPartition: '1',
    users: osFamily === 'windows' ? 'Administrator' : 'root',
    isPublic: false,
  }
}

/** The properties that have a field of their own. */
const PROPERTIES = {
  osfamily: 'osFamily',
  os: 'os',
  root_partition: 'rootPartition',
  users: 'users',
  description: 'description',
} as const

export function draftOf(image: Image): ImageDraft {
  return {
    name: image.name,
    description: image.description ?? image.properties['description'] ?? '',
    diskFormat: image.disk_format,
    osFamily: image.properties['osfamily'] ?? 'linux',
    os: image.properties['os'] ?? '',
    rootPartition: image.properties['root_partition'] ?? '',
    users: image.properties['users'] ?? '',
    isPublic: image.is_public,
  }
}

/** Properties without a field, which stay as they are. */
export const otherProperties = (image: Image) => Object.entries(image.properties).filter(([key]) => !(key in PROPERTIES))

/** With `before`, what became empty is sent as such, which takes it away. */
export function fieldsOf(draft: ImageDraft, before?: ImageDraft): ImageFields & { name: string } {
  const properties: Record<string, string> = {}
  for (const [key, field] of Object.entries(PROPERTIES)) {
    const value = draft[field].trim()
    if (value !== '' || (before !== undefined && before[field] !== '')) properties[key] = value
  }
  return {
    name: draft.name.trim(),
    diskFormat: draft.diskFormat,
    properties,
    ...(draft.isPublic === (before?.isPublic ?? false) ? {} : { isPublic: draft.isPublic }),
  }
}

export const complete = ({ name, osFamily }: ImageDraft) => name.trim() !== '' && osFamily !== ''
