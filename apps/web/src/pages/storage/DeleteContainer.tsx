import type { Container } from '@synnefo/clients/object-store'
import { changed, objectStore } from '../../cloud/queries.ts'
import { Confirm } from '../../ui/Confirm.tsx'
import { count, formatBytes } from '../../ui/format.ts'

/** Says what goes with a container before it does: nothing brings it back. */
export function DeleteContainer({ container, onClose }: { container: Container; onClose: () => void }) {
  const { name, count: objects, bytes } = container
  return (
    <Confirm
      title={`Delete “${name}”?`}
      act={objects > 0 ? 'Delete everything' : 'Delete'}
      onConfirm={async () => {
        if (objects > 0) await objectStore().emptyContainer(name)
        await objectStore().deleteContainer(name)
      }}
      onDone={() => void changed('objects')}
      onClose={onClose}
    >
      {objects > 0 ? (
        <>
          The container holds <strong>{count(objects, 'object')}</strong> ({formatBytes(bytes)}). They are deleted with it, with
          all their versions, sharing and public links. Images among them are lost.
        </>
      ) : (
        'No file is in the container. The history of files that were in it is deleted with it.'
      )}
    </Confirm>
  )
}
