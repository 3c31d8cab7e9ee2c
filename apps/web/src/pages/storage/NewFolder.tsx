import type { Where } from '../../cloud/files.ts'
import { changed, objectStore } from '../../cloud/queries.ts'
import { AskName } from '../../ui/AskName.tsx'

export function NewFolder({ where, folder, onClose }: { where: Where; folder: string; onClose: () => void }) {
  return (
    <AskName
      title="New folder"
      label="Name"
      act="Create folder"
      problem={(name) => (name.startsWith('/') || name.endsWith('/') ? 'A name cannot begin or end with a slash' : undefined)}
      onAnswer={async (name) => {
        await objectStore(where.account).createFolder(where.container, `${folder}${name}`)
        await changed('objects')
      }}
      onClose={onClose}
    />
  )
}
