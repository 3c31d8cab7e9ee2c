// Who is behind an id, and which id is behind a display name (which is the e-mail address).
import { Fault } from '@synnefo/lib/fault'
import type { Identity } from '../../identity.ts'
import { emailsOf, uuidsOf } from '../../store/users.ts'
import { anyJsonBody, asDict, type Serve } from '../dialect.ts'
import { component, person } from '../who-asks.ts'

export function userCatalogRoutes(serve: Serve, identity: Identity): void {
  const { db } = identity
  serve(
    '/v1.0/user_catalogs',
    {
      POST: async (request) => {
        const { uuids, displaynames } = readBody(anyJsonBody(request, NOT_JSON))
        return { uuid_catalog: await namesOf(db, uuids ?? []), displayname_catalog: await idsOf(db, displaynames ?? []) }
      },
    },
    person(identity, { reads: true }),
  )
  serve(
    '/v1.0/service/user_catalogs',
    {
      POST: async (request) => {
        // An explicit null asks for everybody.
        const { uuids = [], displaynames = [] } = readBody(anyJsonBody(request, NOT_JSON))
        return { uuid_catalog: await namesOf(db, uuids), displayname_catalog: await idsOf(db, displaynames) }
      },
    },
    component(identity),
  )
}

const NOT_JSON = 'Request body should be json formatted.'

function readBody(body: unknown) {
  const { uuids, displaynames } = asDict(body)
  return { uuids: strings(uuids, 'uuids'), displaynames: strings(displaynames, 'displaynames') }
}

function strings(value: unknown, name: string): string[] | null | undefined {
  if (value === undefined || value === null) return value
  const isList = Array.isArray(value) && value.every((item): item is string => typeof item === 'string' && !item.includes('\0'))
  if (!isList) throw new Fault('badRequest', `"${name}" should be a list of strings`)
  return value
}

async function namesOf(db: Identity['db'], uuids: string[] | null) {
  return Object.fromEntries((await emailsOf(db, uuids)).map(({ uuid, email }) => [uuid, email]))
}

/** Keyed by the names as they were sent, whatever their case. */
async function idsOf(db: Identity['db'], names: string[] | null) {
  const rows = await uuidsOf(db, names === null ? null : names.map((name) => name.toLowerCase()))
  const uuidOf = new Map(rows.map(({ email, uuid }) => [email, uuid]))
  const entries = (names ?? [...uuidOf.keys()]).map((name) => [name, uuidOf.get(name.toLowerCase())])
  return Object.fromEntries(entries.filter(([, uuid]) => uuid !== undefined))
}
