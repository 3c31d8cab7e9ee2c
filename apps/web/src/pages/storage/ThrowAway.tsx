import { changed, objectStore } from '../../cloud/queries.ts'
import { Confirm } from '../../ui/Confirm.tsx'
import { count } from '../../ui/format.ts'
import type { Row } from './rows.ts'
import { throwAway } from './trash.ts'

interface ThrowAwayProps {
  container: string
  rows: Row[]
  onDone: () => void
  onClose: () => void
}

/** Asks before files and folders go to the trash, since what others can do with them ends. */
export function ThrowAway({ container, rows, onDone, onClose }: ThrowAwayProps) {
  const what = rows.length === 1 ? `“${rows[0]?.label}”` : count(rows.length, 'item')
  return (
    <Confirm
      title={`Move ${what} to the trash?`}
      act="Move to trash"
      onConfirm={() => throwAway(objectStore(), container, rows)}
      onDone={onDone}
      onClose={() => {
        onClose()
        void changed('objects')
      }}
    >
      From there it can be restored to where it is now. Until the trash is emptied it takes up space. Sharing and public links
      end.
    </Confirm>
  )
}
