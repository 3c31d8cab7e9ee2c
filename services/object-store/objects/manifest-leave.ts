// Whose word a manifest is. A public link reads the parts of a manifest with the rights of the owner, so it has to be the
// owner who named them: not somebody else who may write the object, and not a token that does not reach them. That is
// noted with the version, and goes along wherever the owner takes it; who merely touches the object adds nothing to it.
import { notAllowed } from '../access.ts'
import type { Metadata } from '../store/containers.ts'
import type { Domains, VersionRow } from '../store/versions.ts'

export const MANIFEST = 'X-Object-Manifest'

/** The domain of metadata in which it is noted. */
export const LEAVE_DOMAIN = 'manifest'

type Described = Pick<VersionRow, 'metadata' | 'domains'>

/** Whether the token of a request reaches all that a manifest of this value names; undefined: none was asked. */
export type ReachesManifest = ((value: string) => boolean) | undefined

/** Whether the owner of this account named the parts. */
export function isOwnersManifest({ metadata, domains }: Described, account: string): boolean {
  const leave = domains?.[LEAVE_DOMAIN]
  return leave !== undefined && leave['account'] === account && leave['value'] === metadata[MANIFEST]
}

export interface ManifestWrite {
  account: string
  /** The owner of that account asks. */
  owner: boolean
  reaches: ReachesManifest
  /** The new version has this metadata. */
  metadata: Metadata
  /** The request itself names the parts. */
  stated: boolean
  /** What the new version is made of. */
  source: Described | undefined
  /** What is at its path now. */
  before: Described | undefined
}

/** The domains of a new version. */
export function domainsWithLeave({ account, owner, reaches, metadata, stated, source, before }: ManifestWrite): Domains | null {
  const { [LEAVE_DOMAIN]: _, ...others } = source?.domains ?? {}
  const value = metadata[MANIFEST]
  const isSame = (version: Described | undefined) =>
    version !== undefined && version.metadata[MANIFEST] === value && isOwnersManifest(version, account)
  const named = owner && value !== undefined && reaches?.(value) === true && (stated || isSame(source))
  const stays = value !== undefined && isSame(before)
  const domains = named || stays ? { ...others, [LEAVE_DOMAIN]: { account, value: value! } } : others
  return Object.keys(domains).length > 0 ? domains : null
}

/** Refuses to publish a manifest by a token that does not reach the parts. */
export function checkPublishedManifest(metadata: Metadata, isPublic: boolean | undefined, reaches: ReachesManifest): void {
  const value = metadata[MANIFEST]
  if (isPublic && value !== undefined && !reaches?.(value)) throw notAllowed()
}
