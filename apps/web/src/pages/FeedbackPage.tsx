import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Textarea from '@cloudscape-design/components/textarea'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation } from 'react-router'
import { account } from '../cloud/connection.ts'
import { sessionQuery } from '../cloud/queries.ts'
import { Failure } from '../ui/Failure.tsx'
import { showNoMachine } from '../visitors/show.ts'
import { Front } from './account/Front.tsx'

/** A word to those who run the cloud, from people and from visitors. */
export default function FeedbackPage() {
  // Where a page could not be shown, what is known of it is written already.
  const { state } = useLocation() as { state: { message?: string } | null }
  const [message, setMessage] = useState(state?.message ?? '')
  const [email, setEmail] = useState('')
  const session = useQuery({ ...sessionQuery, retry: false })
  const isVisitor = session.data === undefined
  const send = useMutation({
    mutationFn: async () =>
      account.sendFeedback(message, isVisitor ? { email: email.trim(), ...(await showNoMachine()) } : undefined),
  })
  const foot = <Link to={isVisitor ? '/signin' : '/'}>{isVisitor ? 'Back to sign-in' : 'Back to the cloud'}</Link>
  if (send.isSuccess) {
    return (
      <Front title="Thank you" lead="Your message is on its way to those who run this cloud." foot={foot}>
        {null}
      </Front>
    )
  }
  return (
    <Front title="Contact" lead="Write to those who run this cloud." foot={foot}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (message.trim() !== '') send.mutate()
        }}
      >
        <SpaceBetween size="l">
          {isVisitor && !session.isPending && (
            <FormField label="Email" constraintText="Where an answer goes.">
              <Input
                type="email"
                name="email"
                autoComplete="email"
                value={email}
                onChange={({ detail }) => setEmail(detail.value)}
              />
            </FormField>
          )}
          <FormField label="Message">
            <Textarea name="feedback_msg" rows={8} value={message} onChange={({ detail }) => setMessage(detail.value)} />
          </FormField>
          <Failure error={send.error} />
          <Button variant="primary" fullWidth formAction="submit" loading={send.isPending} disabled={message.trim() === ''}>
            Send
          </Button>
        </SpaceBetween>
      </form>
    </Front>
  )
}
