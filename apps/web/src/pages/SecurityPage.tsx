import { factorList, ownLoginsQuery, queryClient, sessionList } from '../cloud/queries.ts'
import { Page } from '../ui/Page.tsx'
import { AuthenticatorApp } from './security/AuthenticatorApp.tsx'
import { LoginMethods } from './security/LoginMethods.tsx'
import { Passkeys } from './security/Passkeys.tsx'
import { ProofKeeper } from './security/proof.tsx'
import { RecoveryCodes } from './security/RecoveryCodes.tsx'
import { Sessions } from './security/Sessions.tsx'

export const loader = () =>
  Promise.all([
    queryClient.ensureQueryData(ownLoginsQuery),
    queryClient.ensureQueryData(factorList),
    queryClient.ensureQueryData(sessionList),
  ])

export default function SecurityPage() {
  return (
    <Page
      title="Sign-in and security"
      description="What is asked for besides your password, what signs you in without one, and where you are signed in."
    >
      <ProofKeeper>
        <LoginMethods />
        <Passkeys />
        <AuthenticatorApp />
        <RecoveryCodes />
        <Sessions />
      </ProofKeeper>
    </Page>
  )
}
