import { argument, flag, option, outputFormat } from '@synnefo/lib/commands'
import type { Queryable } from '@synnefo/lib/sql'
import type { Identity } from '../identity.ts'
import { authProvidersOf } from '../store/auth-providers.ts'
import { groupsOf } from '../store/groups.ts'
import { userHoldings } from '../store/holdings.ts'
import { membershipsOf, ownedProjects } from '../store/projects.ts'
import { latestTerms } from '../store/terms.ts'
import { classicTokenOf } from '../store/tokens.ts'
import type { UserRow } from '../store/users.ts'
import { ADMINISTRATORS } from '../users/administrators.ts'
import { showQuantity, type UnitStyle } from '../wire/quantities.ts'
import { describeStatus } from '../wire/user-status.ts'
import { defineCommand, findPeople, readUnitStyle } from './define.ts'

export const userShow = defineCommand({
  name: 'user-show',
  summary: 'Show a person',
  description: 'An address may belong to several registrations of which one at most is verified: all of them are shown.',
  input: {
    user: argument('id, e-mail address or uuid'),
    quota: flag('show limits and usage too'),
    projects: flag('show projects too'),
    unitStyle: option('how bytes are written', { default: 'mb' as UnitStyle, read: readUnitStyle, placeholder: 'style' }),
    outputFormat,
  },
  async run({ identity, terminal }, { user, quota, projects, unitStyle, outputFormat: format }) {
    for (const person of await findPeople(identity.db, user)) {
      terminal.record(await describe(identity, person), { format })
      if (quota && person.moderated && !person.isRejected) {
        const rows = (await userHoldings(identity.db, person.uuid)).map(({ source, resource, limit, usage, unit }) => ({
          source,
          resource,
          limit: showQuantity(limit, unit, unitStyle),
          usage: showQuantity(usage, unit, unitStyle),
        }))
        terminal.table(rows, { fields: ['source', 'resource', 'limit', 'usage'], format, title: 'User Quota' })
      }
      if (projects) {
        const owned = (await ownedProjects(identity.db, person.id)).map(({ uuid, realname, state, pendingApplication }) => ({
          'project id': uuid,
          'project name': realname,
          status: state,
          'pending app id': pendingApplication,
        }))
        terminal.table(owned, {
          fields: ['project id', 'project name', 'status', 'pending app id'],
          format,
          title: 'Owned Projects',
        })
        const joined = (await membershipsOf(identity.db, person.id)).map(({ uuid, realname, state }) => ({
          'project id': uuid,
          'project name': realname,
          status: state,
        }))
        terminal.table(joined, { fields: ['project id', 'project name', 'status'], format, title: 'Project Memberships' })
      }
    }
  },
})

export async function describe({ db }: Pick<Identity, 'db'>, user: UserRow) {
  const groups = await groupsOf(db, user.id)
  const providers = (await authProvidersOf(db, user.id)).filter(({ isActive }) => isActive)
  const token = await classicTokenOf(db, user.id)
  return {
    id: user.id,
    uuid: user.uuid,
    status: describeStatus(user),
    email: user.email,
    'first name': user.firstName,
    'last name': user.lastName,
    admin: user.isSuperuser || groups.some(({ name }) => name === ADMINISTRATORS),
    'last login': user.lastLoginAt,
    'date joined': user.joinedAt,
    'last update': user.updatedAt,
    'token expiration': token?.expiresAt,
    providers: providers.map(({ module, identifier }) => `${module}:${identifier || 'astakos'}`),
    groups: groups.map(({ name }) => name),
    permissions: user.permissions,
    'group permissions': groups.flatMap(({ permissions }) => permissions),
    email_verified: user.emailVerified,
    moderated: user.moderated,
    rejected: user.isRejected,
    active: user.isActive,
    username: user.email,
    activation_sent_date: user.activationSentAt,
    last_login_details: providers.flatMap(({ module, lastLoginAt }) =>
      lastLoginAt ? [`${module}: ${lastLoginAt.toISOString()}`] : [],
    ),
    default_project: user.defaultProject,
    ...(await describeTerms(db, user)),
  }
}

/** Where there are terms of service. */
async function describeTerms(db: Queryable, { hasSignedTerms, signedTermsAt }: UserRow) {
  if (!(await latestTerms(db))) return {}
  return { has_signed_terms: hasSignedTerms, ...(signedTermsAt ? { date_signed_terms: signedTermsAt } : {}) }
}
