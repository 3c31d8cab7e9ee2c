import { changed, objectStore } from '../../cloud/queries.ts'
import { AskName } from '../../ui/AskName.tsx'
import type { Row } from './rows.ts'
import { isTaken, transferRow } from './transfers.ts'

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
      problem={(name) => (name.includes('/') ? 'A name cannot hold a slash' : undefined)}
      onAnswer={async (name) => {
        if (name === row.label) return
        const place = { container, name: `${folder}${name}` }
        if (await isTaken(objectStore(), place)) throw new Error('There is something of this name already')
        await transferRow({ store: objectStore(), container }, row, place, 'move')
        await changed('objects')
      }}
      onClose={onClose}
    />
  )
}
