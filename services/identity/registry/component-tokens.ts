// Who shows the token of a component. A component asks very often, so who it is is remembered for a moment and
// forgotten at once when the registry changed.
import { Fault } from '@synnefo/lib/fault'
import type { Db } from '@synnefo/lib/sql'
import type { Identity } from '../identity.ts'
import { hashSecret } from '../secrets.ts'
import { type ComponentRow, findComponentByToken, listComponents } from '../store/components.ts'
import { remember } from './remembered.ts'

/** A lost announcement costs this much. */
const REMEMBERED_MS = 5_000
const LIST_REMEMBERED_MS = 60_000
/** There are few components; what is no token of one is not remembered. */
const REMEMBERED_AT_MOST = 100

export interface Components {
  /** The component that this is the token of. */
  findByToken(token: string): Promise<ComponentRow | undefined>
  /** All of them, as they were registered a moment ago. */
  list(): Promise<ComponentRow[]>
  /** The registry changed. */
  forget(): void
}

export function openComponents(db: Db): Components {
  const all = remember(LIST_REMEMBERED_MS, () => listComponents(db))
  let remembered = new Map<string, { component: ComponentRow; until: number }>()
  return {
    async findByToken(token) {
      const hash = hashSecret(token)
      const key = hash.toString('base64')
      const known = remembered.get(key)
      if (known && known.until > Date.now()) return known.component
      const into = remembered // what is forgotten meanwhile is not remembered again
      const component = await findComponentByToken(db, hash)
      if (!component) return undefined
      if (into.size >= REMEMBERED_AT_MOST) into.clear()
      into.set(key, { component, until: Date.now() + REMEMBERED_MS })
      return component
    },
    list: all.get,
    forget() {
      remembered = new Map()
      all.forget()
    },
  }
}

/** The component behind a service token. Throws `unauthorized`; a person's token is none. */
export async function authenticateComponent({ components }: Identity, token: string | undefined): Promise<ComponentRow> {
  if (!token) throw new Fault('unauthorized', 'Access denied. No authentication token')
  const component = await components.findByToken(token)
  if (!component) throw new Fault('unauthorized', 'Invalid X-Auth-Token')
  if (component.tokenExpiresAt && component.tokenExpiresAt.getTime() <= Date.now()) {
    throw new Fault('unauthorized', 'Authentication expired')
  }
  return component
}
