import type { ObjectStore } from '../open.ts'

/** The entity tag of a version: its MD5 where the cloud keeps them, else the hash of its blocks. */
export function etagOf(
  { settings }: Pick<ObjectStore, 'settings'>,
  { hash, checksum }: { hash: string | null; checksum: string },
): string {
  return settings.PITHOS_UPDATE_MD5 && checksum !== '' ? checksum : (hash ?? '')
}
