// The door of the identity service: what other services and the apps may call.
export { type AuditEntry, audit } from './audit.ts'
export { authenticate, type Caller, callers, shownToken } from './callers.ts'
export { type Identity, type IdentityOptions, openIdentity } from './identity.ts'
export { openErrorReports } from './mails/error-reports.ts'
export { openMailer } from './mails/open-mailer.ts'
export { accessBehind } from './oauth2/grants.ts'
export { type ClientCredentials, ensureOwnClient } from './oauth2/own-clients.ts'
export { INFINITE } from './quota/arithmetic.ts'
export {
  acceptCommission,
  type CommissionRequest,
  describeCommission,
  type Holder,
  issueCommission,
  type LockedLedger,
  lockLedger,
  type PendingCommission,
  type Provision,
  pendingCommissions,
  rejectCommission,
  resolveCommissions,
} from './quota/commissions.ts'
export { compareUsage, repairUsage, type UsageDifference, type UsageRecord, type UsageReport } from './quota/reconcile.ts'
export { exportDocument } from './registry/document.ts'
export { registerCatalog } from './registry/register.ts'
export { answerPage, html } from './routes/html.ts'
export { cloudbarFolder } from './routes/ui/cloudbar.ts'
export { cookieIn } from './sessions/cookie.ts'
export { sessionGateway, sessionTokenOf } from './sessions/gateway.ts'
export { tokenCookie } from './sessions/token-cookie.ts'
export { type IdentitySettings, identitySettings } from './settings/index.ts'
export { ensureStandardGroups } from './store/groups.ts'
export { type QuotaRow, quotasOf } from './store/holdings.ts'
export { type HeldRow, heldOf } from './store/quota-lists.ts'
export { countAgainst, forgive, type Limit } from './throttle.ts'
export { createUser, type NewPerson } from './users/create.ts'
export { existingUsers, peopleDirectory } from './users/directory.ts'
export { ensureFirstAdministrator } from './users/first-administrator.ts'
export {
  acceptUser,
  activateUser,
  admitUser,
  deactivateUser,
  rejectUser,
  sendVerification,
  verifyUser,
} from './users/lifecycle.ts'
export { checkPassword, hashPassword } from './users/password-hash.ts'
export type { Scope, ScopedService } from './wire/token-scopes.ts'

export const migrations = { service: 'identity', folder: new URL('./store/migrations/', import.meta.url) }
