// Who is behind an id, and which id is behind a display name (which is the e-mail address).
import { Fault } from '@synnefo/lib/fault'
import type { Db } from '@synnefo/lib/sql'
import type { Identity } from '../../identity.ts'
import { emailsOf, nextByEmail, nextByUuid, uuidsOf } from '../../store/users.ts'
import { anyJsonBody, asDict, type Serve } from '../dialect.ts'
import { answerText, objectText, type Pages, pagesOf } from '../stream-json.ts'
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
      POST: async (request, reply) => {
        // An explicit null asks for everybody.
        const { uuids = [], displaynames = [] } = readBody(anyJsonBody(request, NOT_JSON))
        if (uuids && displaynames)
          return { uuid_catalog: await namesOf(db, uuids), displayname_catalog: await idsOf(db, displaynames) }
        return answerText(reply, catalogsText(db, uuids, displaynames))
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

async function namesOf(db: Db, uuids: string[]) {
  return Object.fromEntries((await emailsOf(db, uuids)).map(({ uuid, email }) => [uuid, email]))
}

/** Keyed by the names as they were sent, whatever their case. */
async function idsOf(db: Db, names: string[]) {
  const rows = await uuidsOf(
    db,
    names.map((name) => name.toLowerCase()),
  )
  const uuidOf = new Map(rows.map(({ email, uuid }) => [email, uuid]))
  const entries = names.map((name) => [name, uuidOf.get(name.toLowerCase())])
  return Object.fromEntries(entries.filter(([, uuid]) => uuid !== undefined))
}

const PER_PAGE = 2_000

async function* everyName(db: Db): Pages {
  const pages = pagesOf(
    '',
    (after) => nextByUuid(db, after, PER_PAGE),
    ({ uuid }) => uuid,
  )
  for await (const rows of pages) yield rows.map(({ uuid, email }) => [uuid, email] as const)
}

async function* everyId(db: Db): Pages {
  const pages = pagesOf(
    '',
    (after) => nextByEmail(db, after, PER_PAGE),
    ({ email }) => email,
  )
  for await (const rows of pages) yield rows.map(({ uuid, email }) => [email, uuid] as const)
}

async function* once(catalog: Promise<Record<string, unknown>>): Pages {
  yield Object.entries(await catalog)
}

/** Both catalogues, of everybody where no ids or names are given. */
async function* catalogsText(db: Db, uuids: string[] | null, names: string[] | null): AsyncGenerator<string> {
  yield '{"uuid_catalog":'
  yield* objectText(uuids ? once(namesOf(db, uuids)) : everyName(db))
  yield ',"displayname_catalog":'
  yield* objectText(names ? once(idsOf(db, names)) : everyId(db))
  yield '}'
}
