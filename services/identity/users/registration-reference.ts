// An unguessable name of a registration, for links that have its mail sent again.
import type { Identity } from '../identity.ts'
import { uiUrl } from '../mails/people.ts'
import type { UserRow } from '../store/users.ts'

export const resendUrl = (identity: Identity, { uuid }: Pick<UserRow, 'uuid'>) =>
  `${uiUrl(identity)}send/activation/${uuid}.${identity.keys.sign(proven(uuid))}`

/** The uuid in such a name; undefined for anything that we did not write. */
export function readReference({ keys }: Identity, reference: string): string | undefined {
  const [, uuid = '', signature = ''] = /^(.{1,255})\.([A-Za-z0-9_-]{43})$/.exec(reference) ?? []
  return keys.isSigned(proven(uuid), signature) ? uuid : undefined
}

const proven = (uuid: string) => `registration ${uuid}`
