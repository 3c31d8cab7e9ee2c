// The HTTP door of identity, registered at the root: it knows its own paths below /astakos.
import type { Mailer } from '@synnefo/engine-mail'
import type { Plugin } from '@synnefo/lib/http'
import type { Identity } from '../identity.ts'
import { commissionRoutes } from './account/commissions.ts'
import { membershipRoutes } from './account/memberships.ts'
import { ownAccountRoutes } from './account/own-account.ts'
import { projectRoutes } from './account/projects.ts'
import { quotaRoutes } from './account/quotas.ts'
import { resourceRoutes } from './account/resources.ts'
import { userCatalogRoutes } from './account/user-catalogs.ts'
import { crossOrigin } from './cross-origin.ts'
import { identityDialect } from './dialect.ts'
import { tokenRoutes } from './identity/tokens.ts'
import { userRoutes } from './identity/users.ts'
import { versionRoutes } from './identity/versions.ts'
import { oauth2Routes } from './oauth2/index.ts'
import { statisticsRoutes } from './statistics.ts'
import { classicPages } from './ui/classic-pages.ts'
import { cloudbarFiles, cloudbarRoutes } from './ui/cloudbar.ts'
import { factorRoutes } from './ui/factors.ts'
import { feedbackRoutes } from './ui/feedback.ts'
import { invitationRoutes } from './ui/invitations.ts'
import { loginAddresses } from './ui/login-addresses.ts'
import { loginRoutes } from './ui/logins.ts'
import { mailRoutes } from './ui/mails.ts'
import { ownSessionRoutes } from './ui/own-sessions.ts'
import { ownTokenRoutes } from './ui/own-tokens.ts'
import { passwordAddresses } from './ui/password-addresses.ts'
import { passwordRoutes } from './ui/passwords.ts'
import { profileRoutes } from './ui/profile.ts'
import { projectMemberRoutes } from './ui/project-members.ts'
import { projectPageRoutes } from './ui/projects.ts'
import { resourcePresentationRoutes } from './ui/resources.ts'
import { sessionRoutes } from './ui/session.ts'
import { shibbolethAddresses } from './ui/shibboleth-addresses.ts'
import { signUpRoutes } from './ui/sign-up.ts'
import { termsRoutes } from './ui/terms.ts'
import { visitorRoutes } from './ui/visitors.ts'
import { webLogin } from './weblogin.ts'

export interface IdentityRoutes extends Record<string, unknown> {
  identity: Identity
  /** Where mails go; administrators read those that are kept. */
  mailer: Mailer
  /** Whether the cloud has run out of space, for pages to say so. */
  storageFull?: () => boolean
  /** For tests: providers of logins that run on this machine may be asked without encryption. */
  plainHttpOnLoopback?: boolean
}

interface OfIdentity extends Record<string, unknown> {
  identity: Identity
}

const identityApi = identityDialect<OfIdentity>((serve, { identity }) => {
  versionRoutes(serve, identity)
  tokenRoutes(serve, identity)
  userRoutes(serve, identity)
})

const accountApi = identityDialect<OfIdentity>((serve, { identity }) => {
  resourceRoutes(serve, identity)
  quotaRoutes(serve, identity)
  commissionRoutes(serve, identity)
  userCatalogRoutes(serve, identity)
  membershipRoutes(serve, identity)
  ownAccountRoutes(serve, identity)
  projectRoutes(serve, identity)
})

export const identityRoutes: Plugin<IdentityRoutes> = async (app, options) => {
  const { identity, mailer, storageFull = () => false, plainHttpOnLoopback = false } = options
  await app.register(identityApi, { prefix: '/astakos/identity', identity })
  await app.register(accountApi, { prefix: '/astakos/account', identity })
  await app.register(classicPages, { prefix: '/astakos', identity })
  await app.register(loginAddresses, { prefix: '/astakos', identity, plainHttpOnLoopback })
  await app.register(shibbolethAddresses, { prefix: '/astakos', identity })
  await app.register(passwordAddresses, { prefix: '/astakos', identity })
  await app.register(oauth2Routes, { prefix: '/astakos/oauth2', identity })
  await app.register(statisticsRoutes, { prefix: '/astakos/admin', identity })
  await app.register(cloudbarRoutes, { prefix: '/astakos/ui', identity })
  await app.register(cloudbarFiles, { prefix: '/static/im/cloudbar', identity })
  await app.register(webLogin, { prefix: '/astakos/weblogin', identity })
  await app.register(
    async (ui) => {
      await ui.register(crossOrigin, { identity, base: '/astakos/ui/api' })
      await ui.register(sessionRoutes, { identity, storageFull })
      await ui.register(signUpRoutes, { identity })
      await ui.register(visitorRoutes, { identity })
      await ui.register(loginRoutes, { identity })
      await ui.register(ownTokenRoutes, { identity })
      await ui.register(passwordRoutes, { identity })
      await ui.register(profileRoutes, { identity })
      await ui.register(termsRoutes, { identity })
      await ui.register(feedbackRoutes, { identity })
      await ui.register(invitationRoutes, { identity })
      await ui.register(factorRoutes, { identity })
      await ui.register(ownSessionRoutes, { identity })
      await ui.register(resourcePresentationRoutes, { identity })
      await ui.register(projectPageRoutes, { identity })
      await ui.register(projectMemberRoutes, { identity })
      await ui.register(mailRoutes, { identity, mailer })
    },
    { prefix: '/astakos/ui/api' },
  )
}
