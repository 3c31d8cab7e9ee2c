// What somebody chooses a new token to be good for, and the scopes that say so.
import { parseScope, SCOPED_SERVICES, type ScopedService, writeScope } from '@synnefo/identity/wire/token-scopes.ts'

export interface Limits {
  services: readonly ScopedService[]
  readOnly: boolean
  /** A container, perhaps with the beginning of names in it; empty: all of the object storage. */
  container: string
}

/** What the choice begins with. */
export const READING: Limits = { services: SCOPED_SERVICES, readOnly: true, container: '' }

/** Why the choice is none, in words; undefined when it is one. */
export function refusalOf({ services, container }: Limits): string | undefined {
  if (services.length === 0) return 'Choose at least one service'
  const place = container.trim()
  if (place !== '' && !parseScope(`object-store/${place}`)) return 'This is no name of a container'
  return undefined
}

export function scopesOf({ services, readOnly, container }: Limits): string[] {
  const place = container.trim()
  const limited = services.includes('object-store') && place !== ''
  if (services.length === SCOPED_SERVICES.length && !limited) return [writeScope({ service: 'all', readOnly })]
  return services.map((service) =>
    writeScope({ ...(service === 'object-store' && limited ? parseScope(`object-store/${place}`) : {}), service, readOnly }),
  )
}
