import Button from '@cloudscape-design/components/button'
import Checkbox from '@cloudscape-design/components/checkbox'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate, useParams, useSearchParams } from 'react-router'
import { account, identity } from '../cloud/connection.ts'
import { queryClient, sessionQuery } from '../cloud/queries.ts'
import { goOn, signOut } from '../shell/sign-out.ts'
import { Failure } from '../ui/Failure.tsx'
import { When } from '../ui/When.tsx'
import { Front } from './account/Front.tsx'
import './account/terms.css'

/** The terms of service: to read for everybody, to sign for those who have to before they go on. */
export default function TermsPage() {
  const { id } = useParams()
  const [parameters] = useSearchParams()
  const navigate = useNavigate()
  const [agreed, setAgreed] = useState(false)
  const terms = useQuery({ queryKey: ['terms', id ?? 'newest'], queryFn: () => account.terms(id), retry: false })
  const session = useQuery({ ...sessionQuery, queryFn: identity.session, queryKey: ['terms-session'], retry: false })
  const mustSign = id === undefined && session.data?.first === 'terms'
  const sign = useMutation({
    mutationFn: () => account.signTerms(terms.data!.id),
    async onSuccess() {
      queryClient.clear()
      await queryClient.fetchQuery(sessionQuery)
      await goOn(parameters.get('next'), navigate)
    },
  })
  return (
    <Front
      title="Terms of service"
      lead={
        terms.data && (
          <>
            Version {terms.data.id}, of <When at={terms.data.issuedAt} />
          </>
        )
      }
      foot={mustSign ? undefined : <Link to="/">Back to the cloud</Link>}
    >
      <div className="front-body">
        <SpaceBetween size="l">
          <Failure error={terms.error} />
          {terms.data && (
            // Terms are HTML of the operator alone, read from a file of his host (specification: terms and footer come only from
            // operators). Even so nothing in it runs: the page's content security policy allows no inline script or handler.
            // biome-ignore lint/security/noDangerouslySetInnerHtml: HTML of the operator's own file, in which no script can run
            <div className="terms" dangerouslySetInnerHTML={{ __html: terms.data.html }} />
          )}
          {mustSign && terms.data && (
            <SpaceBetween size="l">
              <Checkbox checked={agreed} onChange={({ detail }) => setAgreed(detail.checked)}>
                I agree to the terms of service
              </Checkbox>
              <Failure error={sign.error} />
              <Button variant="primary" fullWidth disabled={!agreed} loading={sign.isPending} onClick={() => sign.mutate()}>
                Go on
              </Button>
              <Button fullWidth onClick={() => void signOut()}>
                Sign out
              </Button>
            </SpaceBetween>
          )}
        </SpaceBetween>
      </div>
    </Front>
  )
}
