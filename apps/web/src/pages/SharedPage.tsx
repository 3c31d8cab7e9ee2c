import Header from '@cloudscape-design/components/header'
import Table from '@cloudscape-design/components/table'
import type { Container } from '@synnefo/clients/object-store'
import { useSuspenseQuery } from '@tanstack/react-query'
import { FolderOpen, Share2, User } from 'lucide-react'
import { Link } from 'react-router'
import { emailsOf, sharerList, sharingContainers } from '../cloud/files.ts'
import { queryClient } from '../cloud/queries.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { Page } from '../ui/Page.tsx'
import { When } from '../ui/When.tsx'
import { containerAddress } from './storage/places.ts'
import './storage/storage.css'

export const loader = async () => {
  const [sharers] = await Promise.all([queryClient.ensureQueryData(sharerList), queryClient.ensureQueryData(sharingContainers)])
  await queryClient.ensureQueryData(emailsOf(sharers))
  return null
}

/** What others share with the person, and what he shares. */
export default function SharedPage() {
  const { data: sharers } = useSuspenseQuery(sharerList)
  const { data: emails } = useSuspenseQuery(emailsOf(sharers))
  const { data: containers } = useSuspenseQuery(sharingContainers)
  const people = sharers.map((uuid) => ({ uuid, label: emails[uuid] ?? uuid })).toSorted((a, b) => a.label.localeCompare(b.label))
  return (
    <Page title="Shared files" description="Files and folders that people of this cloud share with you, and those you share.">
      <Table<(typeof people)[number]>
        variant="container"
        items={people}
        trackBy="uuid"
        ariaLabels={{ tableLabel: 'Shared with you' }}
        header={
          <Header variant="h2" counter={`(${people.length})`}>
            Shared with you
          </Header>
        }
        columnDefinitions={[
          {
            id: 'name',
            header: 'Who shares',
            isRowHeader: true,
            cell: ({ uuid, label }) => (
              <span className="object-name">
                <User size={18} aria-hidden />
                <Link to={`/shared/${encodeURIComponent(uuid)}`}>{label}</Link>
              </span>
            ),
          },
        ]}
        empty={
          <EmptyState icon={Share2} title="Nobody shares with you">
            What people of this cloud share with you, with a group you are in or with everybody shows here.
          </EmptyState>
        }
      />
      <Table<Container>
        variant="container"
        items={containers}
        trackBy="name"
        ariaLabels={{ tableLabel: 'Shared by you' }}
        header={
          <Header variant="h2" counter={`(${containers.length})`}>
            Shared by you
          </Header>
        }
        columnDefinitions={[
          {
            id: 'name',
            header: 'Container',
            isRowHeader: true,
            cell: ({ name }) => (
              <span className="object-name">
                <FolderOpen size={18} aria-hidden />
                <Link to={containerAddress(name, '', { shared: true })}>{name}</Link>
              </span>
            ),
          },
          { id: 'changed', header: 'Changed', cell: (container) => <When at={container.last_modified} /> },
        ]}
        empty={
          <EmptyState icon={FolderOpen} title="You share nothing">
            Choose “Sharing” or “Public link” at a file or folder of yours.
          </EmptyState>
        }
      />
    </Page>
  )
}
