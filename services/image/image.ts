// What the service holds open.
import type { Identity } from '@synnefo/identity'
import type { Db } from '@synnefo/lib/sql'
import type { ObjectStore } from '@synnefo/object-store'
import type { ImageSettings } from './settings.ts'

export interface ImageService {
  readonly db: Db
  readonly identity: Identity
  readonly objectStore: ObjectStore
  readonly settings: ImageSettings
  /** Where people reach this cloud, without a slash at the end. */
  readonly baseUrl: () => string
}
