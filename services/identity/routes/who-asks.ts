import type { FastifyRequest } from 'fastify'
import { shownToken } from '../callers.ts'
import type { Identity } from '../identity.ts'
import { authenticateComponent } from '../registry/component-tokens.ts'
import type { Principal } from '../tokens/authenticate.ts'
import { checkScope, readStoredScopes, useOf } from '../tokens/scopes.ts'
import { whoAsks } from './dialect.ts'

interface Calls {
  /** The calls only read, although their method says otherwise. */
  reads?: boolean
  /** The calls are about the account itself, or hand out what is worth more than a token with scopes: no scope reaches them. */
  whole?: boolean
}

/** A person, by API token or through the gateway. */
export const person = (identity: Identity, calls: Calls = {}) => whoAsks((request) => askingPerson(identity, request, calls))

export async function askingPerson(
  { authenticator }: Identity,
  request: FastifyRequest,
  { reads = false, whole = false }: Calls = {},
): Promise<Principal> {
  const principal = await authenticator.authenticate(shownToken(request))
  checkScope(readStoredScopes(principal.scopes), whole ? undefined : 'account', useOf(request.method, reads))
  return principal
}

/** A component, by service token. */
export const component = (identity: Identity) => whoAsks((request) => authenticateComponent(identity, shownToken(request)))
