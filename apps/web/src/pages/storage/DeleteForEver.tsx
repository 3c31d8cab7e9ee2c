import { changed, objectStore } from '../../cloud/queries.ts'
import { Confirm } from '../../ui/Confirm.tsx'
import { count } from '../../ui/format.ts'
import type { Row } from './rows.ts'

interface DeleteProps {
  container: string
  rows: Row[]
  onDone: () => void
  onClose: () => void
}

/** Asks before files and folders go without being kept in the trash. */
export function DeleteForEver({ container, rows, onDone, onClose }: DeleteProps) {
  return (
    <Confirm
      title={rows.length === 1 ? `Delete “${rows[0]?.label}” for ever?` : `Delete ${count(rows.length, 'item')} for ever?`}
      act="Delete for ever"
      onConfirm={async () => {
        for (const { kind, name } of rows) {
          if (kind === 'folder') await objectStore().deleteFolder(container, name.replace(/\/$/, ''))
          else await objectStore().deleteObject(container, name)
        }
      }}
      onDone={onDone}
      onClose={() => {
        onClose()
        void changed('objects')
      }}
    >
      {rows.some(({ kind }) => kind === 'folder') ? 'Folders are deleted with everything in them. ' : ''}
      Nothing but “As it was…” brings them back, where a container keeps a history. Servers made from an image among these go on
      working.
    </Confirm>
  )
}
