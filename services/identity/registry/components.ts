import { Fault } from '@synnefo/lib/fault'
import type { Identity } from '../identity.ts'
import { hashSecret } from '../secrets.ts'
import { type ComponentRow, findComponentByToken } from '../store/services.ts'

/** The component behind a service token. Throws `unauthorized`; a person's token is none. */
export async function authenticateComponent({ db }: Identity, token: string | undefined): Promise<ComponentRow> {
  if (!token) throw new Fault('unauthorized', 'Access denied. No authentication token')
  const component = await findComponentByToken(db, hashSecret(token))
  if (!component) throw new Fault('unauthorized', 'Invalid X-Auth-Token')
  if (component.tokenExpiresAt && component.tokenExpiresAt.getTime() <= Date.now()) {
    throw new Fault('unauthorized', 'Authentication expired')
  }
  return component
}

/** What the token of a component is sealed for. */
const sealedFor = (name: string) => `token of component ${name}`

export const sealComponentToken = ({ keys }: Identity, name: string, secret: string) => keys.seal(secret, sealedFor(name))

/** The token in clear, for the operator who connects a component. */
export const showComponentToken = ({ keys }: Identity, { name, tokenSealed }: ComponentRow) =>
  keys.unseal(tokenSealed, sealedFor(name))
