// What the service holds open.
import type { Identity } from '@synnefo/identity'
import type { Db } from '@synnefo/lib/sql'

export interface NetworkService {
  readonly db: Db
  readonly identity: Identity
  /** Seconds that changes-since may look back. */
  readonly pollLimitSeconds: number
  /** Where people reach this cloud, without a slash at the end. */
  readonly baseUrl: () => string
}
