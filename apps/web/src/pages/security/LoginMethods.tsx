import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { OwnLogin } from '@synnefo/clients/logins'
import { useMutation, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { logins } from '../../cloud/connection.ts'
import { changed, ownLoginsQuery } from '../../cloud/queries.ts'
import { Confirm } from '../../ui/Confirm.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { When } from '../../ui/When.tsx'
import { useProof } from './proof.tsx'

/** The ways to sign in that the account has, and those that it may be given. */
export function LoginMethods() {
  const { enabled, disabled, available, missing } = useSuspenseQuery(ownLoginsQuery).data
  const [removing, setRemoving] = useState<OwnLogin>()
  const withProof = useProof()
  const begin = useMutation({
    mutationFn: (_address: string) => withProof(logins.mayChange),
    onSuccess: (_, address) => location.assign(address),
  })
  const remove = useMutation({
    mutationFn: (id: string) => withProof(() => logins.remove(id)),
    onSuccess: () => void changed('session'),
  })
  const row = (login: OwnLogin, works: boolean) => (
    <div key={login.id} className="login-method">
      <div>
        <strong>{login.details}</strong>
        <Box color="text-body-secondary">
          {!works && 'Not usable now. '}
          {login.lastLoginAt === null ? (
            'Never used'
          ) : (
            <>
              Used last <When at={login.lastLoginAt} />
            </>
          )}
        </Box>
      </div>
      <SpaceBetween size="xs" direction="horizontal">
        {login.switchAddress !== null && <Button onClick={() => begin.mutate(login.switchAddress ?? '')}>Change</Button>}
        {login.mayRemove && <Button onClick={() => setRemoving(login)}>Remove</Button>}
      </SpaceBetween>
    </div>
  )
  return (
    <Container
      header={
        <Header variant="h2" description="The first step: how you say who you are.">
          Login methods
        </Header>
      }
    >
      <SpaceBetween size="s">
        {missing.map(({ module, message }) => (
          <Alert key={module} type="warning">
            {message}
          </Alert>
        ))}
        <Failure error={begin.error} onDismiss={begin.reset} />
        {enabled.map((login) => row(login, true))}
        {disabled.map((login) => row(login, false))}
        {available
          .filter(({ module }) => module !== 'local')
          .map(({ module, title, prompt, address }) => (
            <div key={module} className="login-method">
              <div>
                <strong>{title}</strong>
                <Box color="text-body-secondary">{prompt}</Box>
              </div>
              <Button onClick={() => begin.mutate(address)}>Add</Button>
            </div>
          ))}
      </SpaceBetween>
      {removing !== undefined && (
        <Confirm
          title={`Remove ${removing.title}?`}
          act="Remove"
          onConfirm={() => remove.mutateAsync(removing.id)}
          onClose={() => setRemoving(undefined)}
        >
          You cannot sign in with {removing.details} any more.
        </Confirm>
      )}
    </Container>
  )
}
