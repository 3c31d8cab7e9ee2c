// What the object store speaks of.

export type Versioning = 'auto' | 'none'

export interface Container {
  name: string
  count: number
  bytes: number
  last_modified: string
  /** `quota` is bytes, `0` for none. */
  x_container_policy: { quota: string; versioning: Versioning; project: string }
}

/** A container of somebody else, of which no more is told. */
export type SharedContainer = Pick<Container, 'name' | 'last_modified'>

/** What changes about how a container is kept. */
export interface ContainerPolicy {
  /** Bytes; 0 for none. */
  quota?: number
  versioning?: Versioning
  project?: string
}

export interface StoredObject {
  name: string
  bytes: number
  hash: string
  content_type: string
  last_modified: string
  x_object_hash: string
  x_object_uuid: string
  x_object_version: number
  /** Seconds since 1970 */
  x_object_version_timestamp: string
  x_object_modified_by: string
  available?: number
  x_object_public?: string
  x_object_sharing?: string
  /** Of what somebody else shares by itself: what the caller may do. */
  x_object_allowed_to?: 'read' | 'write'
}

/** An entry of a listing with a delimiter: an object, or a folder that stands for many. */
export type Entry = StoredObject | { subdir: string }

export interface Listing {
  prefix?: string
  delimiter?: string
  marker?: string
  limit?: number
  /** As it was at this moment, in seconds since 1970 */
  until?: number
  /** Only objects whose metadata are so: `key`, `!key`, `key=value` and the like, between commas. */
  meta?: string
  /** Only what is shared; with `published`, either. */
  shared?: boolean
  published?: boolean
}

/** With whom something is shared: UUIDs, groups as `<uuid>:<name>`, or `*` for everybody. Writing implies reading. */
export interface Sharing {
  read: string[]
  write: string[]
}

export interface PublicLink {
  url: string
  expiresAt?: Date
  downloadsLeft?: number
  hasPassword: boolean
}

/** What is put to the path of an object. */
export interface Attached {
  sharing?: Sharing
  /** Path in the container of the folder that is shared, when it is not the object itself. */
  sharedBy?: string
  /** What somebody other than the owner may do. */
  allowedTo?: 'read' | 'write'
  link?: PublicLink
}

/** What changes about a public link: null takes a limit away, what is left out stays. */
export interface LinkLimits {
  expiresInSeconds?: number | null
  downloads?: number | null
  password?: string | null
}

export interface Version {
  id: number
  /** Seconds since 1970 */
  timestamp: number
}

export interface Blocks {
  bytes: number
  hashes: string[]
}

export type ArchiveKind = 'tar' | 'tar.gz' | 'zip'

/** What became of an archive; each error is a path in it and a status. */
export interface Extracted {
  'Number Files Created': number
  Errors: [string, string][]
  'Response Status': string
  'Response Body': string
}

export interface ObjectPlace {
  /** The account of the store that is asked, when left out. */
  account?: string
  container: string
  name: string
}

/** By name without `X-Object-Meta-`, which comes back with capitals at the beginnings of words. */
export type Metadata = Record<string, string>

export interface TransferOptions {
  delimiter?: string
  /** What the object gets besides what it has; an empty value takes an item away. */
  metadata?: Metadata
}

export interface RestoreOptions {
  /** Seconds since 1970, decimals allowed */
  until: number | string
  delimiter?: string
  /** What was not there then stays. */
  keep?: 'new'
}

export interface Restored {
  restored: number
  deleted: number
  unchanged: number
  kept: number
}

export interface BulkDeleted {
  deleted: number
  notFound: number
  /** Paths, each with a status and its name */
  errors: [string, string][]
}

const FOLDER_TYPES = ['application/directory', 'application/folder']
/** Whether an object of this type is a folder. */
export const isFolderType = (type: string) => FOLDER_TYPES.includes(type.split(';')[0]!)
