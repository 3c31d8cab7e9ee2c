import { useMutation, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { logins } from '../cloud/connection.ts'
import { changed, factorList, loginMethodsQuery, queryClient } from '../cloud/queries.ts'
import { sayOutcome } from '../shell/outcome.ts'
import { CredentialsForm } from './account/CredentialsForm.tsx'
import { Front } from './account/Front.tsx'
import { ProofKeeper, useProof } from './security/proof.tsx'

export const loader = () => Promise.all([queryClient.ensureQueryData(loginMethodsQuery), queryClient.ensureQueryData(factorList)])

/** Who is signed in adds the directory to his login methods, or another identity in it. */
export default function LinkDirectoryPage() {
  return (
    <ProofKeeper>
      <LinkDirectory />
    </ProofKeeper>
  )
}

function LinkDirectory() {
  const withProof = useProof()
  const [parameters] = useSearchParams()
  const navigate = useNavigate()
  const { methods } = useSuspenseQuery(loginMethodsQuery).data
  const title = methods.find(({ module }) => module === 'ldap')?.title ?? 'Directory'
  const link = useMutation({
    mutationFn: (who: { username: string; password: string }) =>
      withProof(() => logins.linkDirectory(who, parameters.get('switch_from') ?? undefined)),
    async onSuccess({ message }) {
      sayOutcome({ type: 'success', text: message })
      await changed('session')
      await navigate('/security')
    },
  })
  return (
    <Front
      title={`Add ${title}`}
      lead="From then on you can sign in with its name and password as well."
      foot={<Link to="/security">Back to sign-in and security</Link>}
    >
      <CredentialsForm
        act="Add to my account"
        title={title}
        error={link.error}
        loading={link.isPending}
        onSubmit={(who) => link.mutate(who)}
      />
    </Front>
  )
}
