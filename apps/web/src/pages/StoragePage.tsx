import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import Table from '@cloudscape-design/components/table'
import type { Container } from '@synnefo/clients/object-store'
import { useSuspenseQuery } from '@tanstack/react-query'
import { FolderOpen } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'react-router'
import { changed, containerList, objectStore, queryClient } from '../cloud/queries.ts'
import { Confirm } from '../ui/Confirm.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { count, formatBytes } from '../ui/format.ts'
import { Page } from '../ui/Page.tsx'
import { useNarrow } from '../ui/use-narrow.ts'
import { When } from '../ui/When.tsx'
import { CreateContainer } from './storage/CreateContainer.tsx'
import { containerAddress } from './storage/places.ts'

export const loader = () => queryClient.ensureQueryData(containerList)

export default function StoragePage() {
  const { data: containers } = useSuspenseQuery(containerList)
  const [creating, setCreating] = useState(false)
  const [deleting, setDeleting] = useState<Container>()
  const narrow = useNarrow()
  const createButton = (
    <Button variant="primary" onClick={() => setCreating(true)}>
      Create container
    </Button>
  )
  return (
    <Page
      title="Object storage"
      description="Files of any size, in containers. Whatever is stored here can become an image."
      actions={createButton}
    >
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
            cell: ({ name, count: objects, bytes }) => (
              <div className="breakable">
                <Link to={containerAddress(name)}>{name}</Link>
                {narrow && (
                  <div className="soft small">
                    {count(objects, 'object')}, {formatBytes(bytes)}
                  </div>
                )}
              </div>
            ),
          },
          ...(narrow
            ? []
            : [
                { id: 'count', header: 'Objects', cell: (container: Container) => container.count.toLocaleString() },
                { id: 'bytes', header: 'Size', cell: ({ bytes }: Container) => formatBytes(bytes) },
                { id: 'modified', header: 'Changed', cell: (container: Container) => <When at={container.last_modified} /> },
              ]),
          {
            id: 'act',
            header: <span className="visually-hidden">Actions</span>,
            cell: (container) => (
              <Box float="right">
                <Button
                  variant="icon"
                  iconName="remove"
                  ariaLabel={`Delete ${container.name}`}
                  onClick={() => setDeleting(container)}
                />
              </Box>
            ),
          },
        ]}
        empty={
          <EmptyState icon={FolderOpen} title="No containers yet" action={createButton}>
            A container holds files and folders. Create one, then drop files into it.
          </EmptyState>
        }
      />
      {creating && <CreateContainer onClose={() => setCreating(false)} />}
      {deleting !== undefined && (
        <Confirm
          title={`Delete “${deleting.name}”?`}
          act={deleting.count > 0 ? 'Delete everything' : 'Delete'}
          onConfirm={async () => {
            if (deleting.count > 0) await objectStore().emptyContainer(deleting.name)
            await objectStore().deleteContainer(deleting.name)
          }}
          onDone={() => void changed('objects')}
          onClose={() => setDeleting(undefined)}
        >
          {deleting.count > 0 ? (
            <>
              The container holds <strong>{count(deleting.count, 'object')}</strong> ({formatBytes(deleting.bytes)}). They are
              deleted with it, with all their versions. Images among them are lost.
            </>
          ) : (
            'The container is empty.'
          )}
        </Confirm>
      )}
    </Page>
  )
}
