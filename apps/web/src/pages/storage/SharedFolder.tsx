import Button from '@cloudscape-design/components/button'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Share2 } from 'lucide-react'
import { useState } from 'react'
import type { Where } from '../../cloud/files.ts'
import { attached, emailsOf } from '../../cloud/files.ts'
import { changed, me } from '../../cloud/queries.ts'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { Page } from '../../ui/Page.tsx'
import { useRoomy } from '../../ui/use-narrow.ts'
import { addFiles } from '../../uploads/queue.ts'
import { DropZone } from './DropZone.tsx'
import { FilesTable } from './FilesTable.tsx'
import { NewFolder } from './NewFolder.tsx'
import { ObjectName } from './ObjectName.tsx'
import type { PropertiesTab } from './ObjectProperties.tsx'
import { ObjectProperties } from './ObjectProperties.tsx'
import { foldersAbove, lastPart, sharedAddress } from './places.ts'
import { neighboursOf } from './previews.ts'
import { type RowAction, RowActions } from './RowActions.tsx'
import type { Row } from './rows.ts'
import { rightOf } from './shared-rights.ts'
import { Transfer } from './Transfer.tsx'
import { UploadButton } from './UploadButton.tsx'
import { useFolder } from './use-folder.ts'
import { useReplacement } from './use-replacement.tsx'

type Dialog =
  | { kind: 'copy'; rows: Row[] }
  | { kind: 'properties'; row: Row & { kind: 'object' }; tab: PropertiesTab }
  | { kind: 'folder' }
  | undefined

const ACTIONS: Record<Row['kind'], { id: string; text: string }[]> = {
  object: [
    { id: 'properties', text: 'Properties' },
    { id: 'metadata', text: 'Metadata' },
    { id: 'versions', text: 'Versions' },
    { id: 'copy', text: 'Copy to your storage…' },
  ],
  folder: [{ id: 'copy', text: 'Copy to your storage…' }],
}

const REPLACE: RowAction = { id: 'replace', text: 'Replace content…' }
const OWNERS = { disabled: true, disabledReason: 'Only the owner can rename, move or delete what is in this storage.' }
/** What people who may edit look for, and the object store leaves to the owner. */
const OF_THE_OWNER: RowAction[] = [
  { id: 'rename', text: 'Rename…', ...OWNERS },
  { id: 'delete', text: 'Delete', ...OWNERS },
]

/** A folder of somebody else, with what the person may do there. Moving and deleting are the owner's. */
export function SharedFolder({ where, folder }: { where: Where & { account: string }; folder: string }) {
  const { account, container } = where
  const view = useFolder(where, folder)
  const { data: ofFolder } = useSuspenseQuery(attached(where, folder.replace(/\/$/, '')))
  const { data: owner } = useSuspenseQuery(emailsOf([account]))
  const modifiers = [...new Set(view.rows.flatMap(({ object }) => object?.x_object_modified_by ?? []))].toSorted()
  const { data: emails } = useQuery(emailsOf(modifiers))
  const [selected, setSelected] = useState<Row[]>([])
  const [dialog, setDialog] = useState<Dialog>()
  const roomy = useRoomy()
  const close = () => setDialog(undefined)
  const { replace, field } = useReplacement(where)
  const writes = ofFolder.allowedTo === 'write'
  const upload = (files: Parameters<typeof addFiles>[2]) => addFiles(where, folder, files)
  const nameOf = (uuid: string) => (uuid === me().uuid ? 'You' : (emails?.[uuid] ?? uuid))

  const changedBy = {
    id: 'modifier',
    header: 'Changed by',
    cell: ({ object }: Row) => <span className="wrapping">{object ? nameOf(object.x_object_modified_by) : '–'}</span>,
  }
  const table = (
    <FilesTable
      view={view}
      name={(row, detailed) => (
        <ObjectName
          row={row}
          to={sharedAddress(account, container, row.name)}
          detailed={detailed}
          onOpen={() => row.kind === 'object' && setDialog({ kind: 'properties', row, tab: 'content' })}
        />
      )}
      columns={[
        ...(roomy ? [changedBy] : []),
        {
          id: 'right',
          header: 'You may',
          cell: (row) => RIGHT_WORDS[rightOf(row, ofFolder.allowedTo) ?? 'none'],
        },
      ]}
      selection={{
        selected,
        onSelect: setSelected,
        bulk: <Button onClick={() => setDialog({ kind: 'copy', rows: selected })}>Copy to your storage</Button>,
      }}
      actions={(row) => (
        <RowActions
          where={where}
          row={row}
          items={[
            ...ACTIONS[row.kind],
            ...(rightOf(row, ofFolder.allowedTo) !== 'write'
              ? []
              : row.kind === 'object'
                ? [REPLACE, ...OF_THE_OWNER]
                : OF_THE_OWNER),
          ]}
          onAction={(id) => {
            if (id === 'replace') replace(row.name)
            else if (id === 'copy') setDialog({ kind: 'copy', rows: [row] })
            else if (row.kind === 'object') setDialog({ kind: 'properties', row, tab: id as PropertiesTab })
          }}
        />
      )}
      empty={<EmptyState icon={Share2} title="Nothing is here" />}
    />
  )
  const ownerName = owner[account] ?? account
  return (
    <Page
      title={folder === '' ? container : lastPart(folder)}
      description={`Shared by ${ownerName}.`}
      crumbs={[
        { text: 'Shared files', to: '/shared' },
        { text: ownerName, to: `/shared/${encodeURIComponent(account)}` },
        ...foldersAbove(container, folder, (each) => sharedAddress(account, container, each)),
      ]}
      actions={
        writes ? (
          <>
            <Button onClick={() => setDialog({ kind: 'folder' })}>New folder</Button>
            <UploadButton onFiles={upload} />
          </>
        ) : undefined
      }
    >
      {writes ? <DropZone onFiles={upload}>{table}</DropZone> : table}
      {field}
      {dialog?.kind === 'folder' && <NewFolder where={where} folder={folder} onClose={close} />}
      {dialog?.kind === 'copy' && (
        <Transfer
          where={where}
          folder={folder}
          rows={dialog.rows}
          way="copy"
          onDone={() => {
            setSelected([])
            void changed('objects')
          }}
          onClose={close}
        />
      )}
      {dialog?.kind === 'properties' && (
        <ObjectProperties
          where={where}
          object={view.rows.find(({ name }) => name === dialog.row.name)?.object ?? dialog.row.object}
          tab={dialog.tab}
          neighbours={neighboursOf(view.rows, dialog.row.name)}
          onNeighbour={(row) => setDialog({ kind: 'properties', row, tab: 'content' })}
          mayEdit={rightOf(dialog.row, ofFolder.allowedTo) === 'write'}
          actions={<Button onClick={() => setDialog({ kind: 'copy', rows: [dialog.row] })}>Copy to your storage</Button>}
          onClose={close}
        />
      )}
    </Page>
  )
}

const RIGHT_WORDS = { read: 'View', write: 'View and edit', none: '–' }
