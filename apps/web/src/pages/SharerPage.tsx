import Header from '@cloudscape-design/components/header'
import Table from '@cloudscape-design/components/table'
import { useSuspenseQuery } from '@tanstack/react-query'
import { FolderOpen } from 'lucide-react'
import type { LoaderFunctionArgs } from 'react-router'
import { Link, useParams } from 'react-router'
import { emailsOf, sharedContainers } from '../cloud/files.ts'
import { queryClient } from '../cloud/queries.ts'
import { Page } from '../ui/Page.tsx'
import { When } from '../ui/When.tsx'
import { sharedAddress } from './storage/places.ts'
import './storage/storage.css'

export const loader = async ({ params }: LoaderFunctionArgs) => {
  const account = params['account']!
  await Promise.all([queryClient.ensureQueryData(sharedContainers(account)), queryClient.ensureQueryData(emailsOf([account]))])
  return null
}

/** The containers in which somebody shares something with the person. */
export default function SharerPage() {
  const account = useParams()['account']!
  const { data: containers } = useSuspenseQuery(sharedContainers(account))
  const { data: emails } = useSuspenseQuery(emailsOf([account]))
  return (
    <Page title={emails[account] ?? account} crumbs={[{ text: 'Shared files', to: '/shared' }]}>
      <Table
        variant="container"
        items={containers}
        trackBy="name"
        header={
          <Header variant="h2" counter={`(${containers.length})`}>
            Containers
          </Header>
        }
        columnDefinitions={[
          {
            id: 'name',
            header: 'Name',
            isRowHeader: true,
            cell: ({ name }) => (
              <span className="object-name">
                <FolderOpen size={18} aria-hidden />
                <Link to={sharedAddress(account, name)}>{name}</Link>
              </span>
            ),
          },
          { id: 'changed', header: 'Changed', cell: (container) => <When at={container.last_modified} /> },
        ]}
      />
    </Page>
  )
}
