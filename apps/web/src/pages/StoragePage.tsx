import Button from '@cloudscape-design/components/button'
import type { Container } from '@synnefo/clients/object-store'
import { useSuspenseQuery } from '@tanstack/react-query'
import { FolderOpen } from 'lucide-react'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { withContainers } from '../cloud/first-visit.ts'
import { HOME, TRASH } from '../cloud/own-containers.ts'
import { containerList, queryClient, quotaList } from '../cloud/queries.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { Page } from '../ui/Page.tsx'
import { useShortcuts } from '../ui/use-shortcuts.ts'
import { ContainerSettings } from './storage/ContainerSettings.tsx'
import type { ContainerAction } from './storage/ContainersTable.tsx'
import { ContainersTable } from './storage/ContainersTable.tsx'
import { CreateContainer } from './storage/CreateContainer.tsx'
import { DeleteContainer } from './storage/DeleteContainer.tsx'
import { EmptyContainer } from './storage/EmptyContainer.tsx'
import { searchAddress } from './storage/places.ts'
import { ShortcutHint } from './storage/ShortcutHint.tsx'
import { StorageUse } from './storage/StorageUse.tsx'

/** Every person has these from the first visit on. */
export const loader = () => Promise.all([withContainers([HOME, TRASH]), queryClient.ensureQueryData(quotaList)])

export default function StoragePage() {
  const { data: containers } = useSuspenseQuery(containerList)
  const [creating, setCreating] = useState(false)
  const [dialog, setDialog] = useState<{ action: ContainerAction; container: Container }>()
  const close = () => setDialog(undefined)
  // What is in it may change while the dialog is open, and does when it has just been emptied.
  const current = containers.find(({ name }) => name === dialog?.container.name)
  const navigate = useNavigate()
  useShortcuts({
    KeyN: () => setCreating(true),
    KeyG: () => void navigate('/groups'),
    KeyU: () => document.getElementById('use')?.scrollIntoView({ block: 'center' }),
  })
  const createButton = (
    <Button variant="primary" onClick={() => setCreating(true)}>
      Create container
    </Button>
  )
  return (
    <Page
      title="Object storage"
      description="Files of any size, in containers. Whatever is stored here can become an image."
      actions={
        <>
          <Button iconName="search" onClick={() => void navigate(searchAddress())}>
            Search
          </Button>
          {createButton}
        </>
      }
    >
      <ContainersTable
        containers={containers}
        onAct={(action, container) => setDialog({ action, container })}
        empty={
          <EmptyState icon={FolderOpen} title="No containers yet" action={createButton}>
            A container holds files and folders. Create one, then drop files into it.
          </EmptyState>
        }
      />
      <StorageUse />
      <ShortcutHint what="a new container" />
      {creating && <CreateContainer onClose={() => setCreating(false)} />}
      {dialog?.action === 'settings' && <ContainerSettings container={dialog.container} onClose={close} />}
      {dialog?.action === 'empty' && current && <EmptyContainer container={current} onClose={close} />}
      {dialog?.action === 'delete' && current && <DeleteContainer container={current} onClose={close} />}
    </Page>
  )
}
