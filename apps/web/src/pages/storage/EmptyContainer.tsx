import type { Container } from '@synnefo/clients/object-store'
import { TRASH } from '../../cloud/own-containers.ts'
import { changed, objectStore } from '../../cloud/queries.ts'
import { Confirm } from '../../ui/Confirm.tsx'
import { count, formatBytes } from '../../ui/format.ts'

interface EmptyContainerProps {
  container: Container
  onDone?: () => void
  onClose: () => void
}

/** Says what goes before a container is emptied. */
export function EmptyContainer({ container, onDone, onClose }: EmptyContainerProps) {
  const { name, count: objects, bytes } = container
  const keepsHistory = container.x_container_policy.versioning === 'auto'
  return (
    <Confirm
      title={name === TRASH ? 'Empty the trash?' : `Empty “${name}”?`}
      act={name === TRASH ? 'Empty trash' : 'Empty container'}
      onConfirm={() => objectStore().emptyContainer(name)}
      onDone={() => {
        onDone?.()
        void changed('objects')
      }}
      onClose={onClose}
    >
      <strong>{count(objects, 'object')}</strong> ({formatBytes(bytes)}) {objects === 1 ? 'is' : 'are'} deleted, folders counted.{' '}
      {keepsHistory
        ? 'Their history stays: “As it was…” shows the container as it is now, and brings back what is wanted.'
        : 'This container keeps no history: nothing of it can be brought back.'}
    </Confirm>
  )
}
