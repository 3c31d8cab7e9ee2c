import { shownToken } from '../callers.ts'
import type { Identity } from '../identity.ts'
import { authenticateComponent } from '../registry/components.ts'
import { whoAsks } from './dialect.ts'

/** A person, by API token or through the gateway. */
export const person = ({ authenticator }: Identity) => whoAsks((request) => authenticator.authenticate(shownToken(request)))

/** A component, by service token. */
export const component = (identity: Identity) => whoAsks((request) => authenticateComponent(identity, shownToken(request)))
