// A version that takes the place of the current one, for those who have locked the container and the name themselves.
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import type { ObjectStore } from '../open.ts'
import { openCharges } from '../quota.ts'
import type { ContainerRow } from '../store/containers.ts'
import { bytesOf, lockLimited } from '../store/ground.ts'
import type { VersionRow } from '../store/versions.ts'
import { type Change, openDraft, type Version } from './draft.ts'

export interface PutVersion {
  container: ContainerRow
  name: string
  /** What is there now. */
  current: VersionRow | undefined
  next: Change['next']
}

export async function putVersion(tx: Tx, store: ObjectStore, by: string, put: PutVersion): Promise<Version> {
  const { container, name, current, next } = put
  if (container.quotaBytes > 0n) await lockLimited(tx, [container.id])
  const used = container.quotaBytes > 0n ? await bytesOf(tx, [container.id]) : []
  const draft = openDraft({
    store,
    current: current ? [current] : [],
    charges: await openCharges(tx, [container]),
    used: new Map(used.map(({ containerId, bytes }) => [containerId, bytes])),
  })
  const [made] = draft.change(by, [{ container, name, next }])
  await draft.write(tx)
  return made!
}

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
