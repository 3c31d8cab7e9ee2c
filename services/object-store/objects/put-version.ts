// What changes of objects have in common.
import { Fault } from '@synnefo/lib/fault'
import type { VersionRow } from '../store/versions.ts'
import type { Change } from './draft.ts'

/** The mark that deletion leaves. */
export function tombstone(by: string, { uuid }: Pick<VersionRow, 'uuid'>): Change['next'] {
  return {
    state: 'deleted',
    uuid,
    mapId: null,
    hash: null,
    sizeBytes: 0n,
    contentType: '',
    checksum: '',
    modifiedBy: by,
    metadata: {},
    domains: null,
  }
}

/** Data of a snapshot belongs to the volume service. */
export function refuseSnapshotData(current: VersionRow | undefined): void {
  if (current?.isSnapshot) throw new Fault('forbidden', 'The data of a snapshot cannot be changed.')
}
