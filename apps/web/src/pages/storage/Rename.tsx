import { changed, objectStore } from '../../cloud/queries.ts'
import { AskName } from '../../ui/AskName.tsx'
import type { Row } from './rows.ts'
import { labelRefusal, renamedPlace, transferRow } from './transfers.ts'

export function Rename({
  container,
  folder,
  row,
  onClose,
}: {
  container: string
  folder: string
  row: Row
  onClose: () => void
}) {
  return (
    <AskName
      title={`Rename “${row.label}”`}
      label="Name"
      initial={row.label}
      act="Rename"
      problem={labelRefusal}
      onAnswer={async (name) => {
        if (name === row.label) return
        const place = await renamedPlace(objectStore(), { container, name: folder }, name)
        await transferRow({ store: objectStore(), container }, row, place, 'move')
        await changed('objects')
      }}
      onClose={onClose}
    />
  )
}
