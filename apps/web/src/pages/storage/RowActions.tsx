import Button from '@cloudscape-design/components/button'
import ButtonDropdown from '@cloudscape-design/components/button-dropdown'
import type { Where } from '../../cloud/files.ts'
import { objectStore } from '../../cloud/queries.ts'
import type { Row } from './rows.ts'

export interface RowAction {
  id: string
  text: string
  disabled?: boolean
  /** Why it cannot be done. */
  disabledReason?: string
}

interface RowActionsProps {
  where: Where
  row: Row
  items: RowAction[]
  onAction: (id: string) => void
}

/** What can be done with one thing of a folder: have it, and whatever the menu holds. */
export function RowActions({ where: { account, container }, row, items, onAction }: RowActionsProps) {
  const store = objectStore(account)
  const download =
    row.kind === 'folder'
      ? {
          ariaLabel: `Download ${row.label} as a ZIP archive`,
          href: store.archiveUrl(container, row.name.replace(/\/$/, ''), 'zip'),
          download: `${row.label}.zip`,
        }
      : { ariaLabel: `Download ${row.label}`, href: store.downloadUrl(container, row.name), download: row.label }
  return (
    <>
      <Button variant="icon" iconName="download" {...download} />
      <ButtonDropdown
        variant="icon"
        expandToViewport
        ariaLabel={`What to do with ${row.label}`}
        items={items}
        onItemClick={({ detail }) => onAction(detail.id)}
      />
    </>
  )
}
