// People by API, for programs of administrators. Only there where the settings say so, and for members of some groups.
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import type { FastifyRequest } from 'fastify'
import { audit } from '../../audit.ts'
import type { Identity } from '../../identity.ts'
import { setDefaultProject } from '../../projects/default-project.ts'
import { findUserDetails, listUserDetails, type UserDetails } from '../../store/user-details.ts'
import { findUserByUuid, type UserRow } from '../../store/users.ts'
import { signTerms } from '../../terms/terms.ts'
import { renewClassicToken } from '../../tokens/tokens.ts'
import { activateUser, deactivateUser, lockPerson } from '../../users/lifecycle.ts'
import { makeUser, type UserForm, updateUserByForm } from '../../users/managed-users.ts'
import { asDict, type Dict, isDict, isoDate, jsonBody, type Serve, whoAsks } from '../dialect.ts'
import { askingPerson } from '../who-asks.ts'

const NOT_FOUND = () => new Fault('itemNotFound', 'User not found')

export function userRoutes(serve: Serve, identity: Identity): void {
  const { db, settings } = identity
  if (!settings.ASTAKOS_ADMIN_API_ENABLED) return
  const who = whoAsks(async (request) => {
    // It hands out tokens of others: a token with scopes is not traded here for one without.
    const principal = await askingPerson(identity, request, { whole: true })
    const permitted = principal.groups.some(({ name }) => settings.ASTAKOS_ADMIN_API_PERMITTED_GROUPS.includes(name))
    if (!permitted) throw new Fault('forbidden', '')
    return principal
  })
  const list = async (request: FastifyRequest, describe: (user: UserDetails) => Dict) => {
    const page = readPage(request)
    if (page.marker !== undefined && !(await findUserByUuid(db, page.marker)))
      throw new Fault('badRequest', `"marker": there is no user ${page.marker}`)
    return { users: (await listUserDetails(db, page)).map(describe) }
  }
  const named = async (request: FastifyRequest) => {
    const user = await findUserByUuid(db, (request.params as { uuid: string }).uuid)
    if (!user) throw NOT_FOUND()
    return user
  }
  const note = (tx: Tx, request: FastifyRequest, action: string, uuid: string, details: Dict = {}) =>
    audit(tx, {
      service: 'identity',
      actor: who.of(request).uuid,
      action,
      target: `user:${uuid}`,
      address: request.ip,
      details,
    })

  serve(
    '/v2.0/users',
    {
      GET: (request) => list(request, summary),
      POST: async (request) => {
        const form = readForm(request)
        const { user, password, token } = await makeUser(identity, form, (tx, { uuid }) => note(tx, request, 'user-add', uuid))
        return { user: { id: user.uuid, password, auth_token: token } }
      },
    },
    who,
  )
  serve('/v2.0/users/detail', { GET: (request) => list(request, detail) }, who)
  serve(
    '/v2.0/users/:uuid',
    {
      GET: async (request) => ({ user: detail((await findUserDetails(db, (await named(request)).uuid))!) }),
      PUT: async (request) => {
        const form = readForm(request)
        const { id, uuid } = await named(request)
        const { password: _, ...shown } = form
        await updateUserByForm(identity, id, form, (tx) => note(tx, request, 'user-modify', uuid, { fields: Object.keys(shown) }))
        return { user: detail((await findUserDetails(db, uuid))!) }
      },
    },
    who,
  )
  serve(
    '/v2.0/users/:uuid/action',
    {
      POST: async (request) => {
        const entries = Object.entries(asDict(jsonBody(request)))
        const [[action, argument]] = entries.length === 1 ? (entries as [[string, unknown]]) : [['', null]]
        const act = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined
        if (!act) throw new Fault('badRequest', 'Invalid action')
        const { id, uuid } = await named(request)
        return db.transaction(async (tx) => {
          const user = await lockPerson(tx, id)
          const answer = await act(identity, tx, user, isDict(argument) ? argument : {})
          await note(tx, request, `user-${action}`, uuid)
          return { user: { id: uuid, ...answer } }
        })
      },
    },
    who,
  )
}

type Act = (identity: Identity, tx: Tx, user: UserRow, argument: Dict) => Promise<Dict>

const ACTIONS: Readonly<Record<string, Act>> = {
  activate: async (identity, tx, { id }) => {
    await activateUser(identity, tx, id)
    return { is_active: true }
  },
  deactivate: async (identity, tx, { id }, { reason }) => {
    await deactivateUser(identity, tx, id, typeof reason === 'string' ? reason : '')
    return { is_active: false }
  },
  renewToken: async (identity, tx, user) => ({ auth_token: (await renewClassicToken(identity, tx, user)).secret }),
  signTerms: async (identity, tx, user) => {
    await signTerms(identity, tx, user)
    return { has_signed_terms: true }
  },
  setDefaultProject: async (identity, tx, user, { project_id: project }) => {
    if (typeof project !== 'string' || project.includes('\0')) throw new Fault('badRequest', '"project_id" should be a string')
    await setDefaultProject(identity, tx, user, project)
    return { default_project: project }
  },
}

function readPage({ query }: FastifyRequest) {
  const { limit, marker } = query as Dict
  const number =
    limit === undefined ? undefined : typeof limit === 'string' && /^[1-9]\d{0,5}$/.test(limit) ? Number(limit) : null
  if (number === null) throw new Fault('badRequest', '"limit" should be a number from 1 to 999999')
  if (marker !== undefined && (typeof marker !== 'string' || marker.includes('\0')))
    throw new Fault('badRequest', '"marker" should be the id of a user')
  return { limit: number, marker }
}

const TEXTS = {
  username: 'email',
  first_name: 'firstName',
  last_name: 'lastName',
  password: 'password',
  affiliation: 'affiliation',
} as const

/** The account that a body describes, field by field; what it does not name is not there. */
function readForm(request: FastifyRequest): UserForm {
  const { user } = asDict(jsonBody(request))
  if (!isDict(user)) throw new Fault('badRequest', '"user" should be a dict')
  const form: UserForm = {}
  for (const [name, field] of Object.entries(TEXTS)) {
    const value = user[name]
    if (value === undefined || value === null) continue
    if (typeof value !== 'string' || value.includes('\0')) throw new Fault('badRequest', `"${name}" should be a string`)
    form[field] = value
  }
  if (user['metadata'] !== undefined && user['metadata'] !== null) {
    if (!isDict(user['metadata'])) throw new Fault('badRequest', '"metadata" should be a dict')
    form.metadata = user['metadata']
  }
  return form
}

function summary(user: UserDetails): Dict {
  return {
    id: user.uuid,
    first_name: user.firstName,
    last_name: user.lastName,
    email: user.email,
    is_active: user.isActive,
    is_rejected: user.isRejected,
    deactivated_reason: user.deactivatedReason,
    accepted_policy: user.acceptedPolicy,
    rejected_reason: user.rejectedReason,
    roles: user.groups,
    authentication_methods: user.methods.map(({ module, identifier, active, affiliation, backend, metadata }) => ({
      identifier: module === 'local' ? user.email : identifier,
      active,
      affiliation,
      backend,
      metadata,
    })),
  }
}

function detail(user: UserDetails): Dict {
  const date = (value: Date | null) => (value ? isoDate(value) : null)
  return {
    ...summary(user),
    date_joined: isoDate(user.joinedAt),
    moderated_at: date(user.moderatedAt),
    verified_at: date(user.verifiedAt),
    auth_token_expires: date(user.tokenExpiresAt),
  }
}
