import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import Modal from '@cloudscape-design/components/modal'
import Spinner from '@cloudscape-design/components/spinner'
import Table from '@cloudscape-design/components/table'
import type { Mail } from '@synnefo/clients/identity'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Mail as MailIcon } from 'lucide-react'
import { useState } from 'react'
import { mailList, mailText, queryClient } from '../cloud/queries.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { Failure } from '../ui/Failure.tsx'
import { Page } from '../ui/Page.tsx'
import { useNarrow } from '../ui/use-narrow.ts'
import { When } from '../ui/When.tsx'
import './mails/mails.css'

export const loader = () => queryClient.fetchQuery(mailList)

/** For administrators: mails of a cloud that has no mail server to send them with. */
export default function MailsPage() {
  const {
    data: { kept, mails },
  } = useSuspenseQuery(mailList)
  const [open, setOpen] = useState<Mail>()
  const narrow = useNarrow()
  return (
    <Page title="Mails" description="While no mail server is set, mails are kept as files, and can be read here and handed on.">
      <Table
        variant="container"
        items={mails}
        trackBy="id"
        header={
          <Header variant="h2" counter={`(${mails.length})`}>
            Not sent
          </Header>
        }
        columnDefinitions={[
          {
            id: 'subject',
            header: 'Subject',
            isRowHeader: true,
            cell: (mail) => (
              <div className="breakable">
                <button type="button" className="link-button" onClick={() => setOpen(mail)}>
                  {mail.subject}
                </button>
                {narrow && <div className="soft small">{mail.to}</div>}
              </div>
            ),
          },
          ...(narrow ? [] : [{ id: 'to', header: 'To', cell: ({ to }: Mail) => to }]),
          { id: 'sent', header: 'Written', cell: ({ sentAt }) => <When at={sentAt} distance={narrow} /> },
        ]}
        empty={
          <EmptyState icon={MailIcon} title={kept ? 'No mails' : 'Mails are sent'}>
            {kept ? 'Mails to new people and others appear here.' : 'A mail server is set, so none is kept here.'}
          </EmptyState>
        }
      />
      {open !== undefined && <MailText mail={open} onClose={() => setOpen(undefined)} />}
    </Page>
  )
}

function MailText({ mail, onClose }: { mail: Mail; onClose: () => void }) {
  const { data, error } = useQuery(mailText(mail.id))
  return (
    <Modal
      visible
      size="large"
      header={mail.subject}
      onDismiss={onClose}
      closeAriaLabel="Close"
      footer={
        <Box float="right">
          <Button variant="primary" onClick={onClose}>
            Done
          </Button>
        </Box>
      }
    >
      <Failure error={error} />
      {data === undefined && !error && <Spinner />}
      {data !== undefined && (
        <>
          <Alert type="info">
            To {data.to}, <When at={data.sentAt} />. Links in it work once, and for whoever follows them.
          </Alert>
          <pre className="mail">{linked(data.text ?? '')}</pre>
        </>
      )}
    </Modal>
  )
}

/** Text with its addresses as links. Nothing else of a mail is interpreted. */
function linked(text: string) {
  return text.split(/(https?:\/\/[^\s<>"]+)/).map((part, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no other name and never change
      <a key={index} href={part} rel="noreferrer">
        {part}
      </a>
    ) : (
      part
    ),
  )
}
