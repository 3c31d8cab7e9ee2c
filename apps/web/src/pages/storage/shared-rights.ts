// What a person may do with what somebody else shares. What carries its own sharing is decided by that alone; the rest has
// what the folder it lies in has.
import type { Row } from './rows.ts'

export type SharedRight = 'read' | 'write' | undefined

export function rightOf({ object }: Row, ofFolder: SharedRight): SharedRight {
  return object?.x_object_sharing === undefined ? ofFolder : (object.x_object_allowed_to ?? 'read')
}
