import { Fault } from '@synnefo/lib/fault'
import type { Metadata } from './store/containers.ts'

/** What a request says about metadata; an empty value removes the key when merged. */
export interface MetadataChange {
  items: Metadata
  /** Keep what is not mentioned. */
  merge: boolean
}

export function changedMetadata(current: Metadata, { items, merge }: MetadataChange): Metadata {
  const result = merge ? { ...current, ...items } : { ...items }
  for (const [key, value] of Object.entries(result)) if (value === '') delete result[key]
  return result
}

export function checkMetadataCount(metadata: Metadata, atMost: number): void {
  const count = Object.keys(metadata).length
  if (count > atMost) throw new Fault('badRequest', `${count} metadata items are more than the ${atMost} that are kept.`)
}
