import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import type { ObjectPlace } from '@synnefo/clients/object-store'
import { useQuery } from '@tanstack/react-query'
import { Upload } from 'lucide-react'
import { useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { attached } from '../../cloud/files.ts'
import { changed } from '../../cloud/queries.ts'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { Page } from '../../ui/Page.tsx'
import { useWide } from '../../ui/use-narrow.ts'
import { useShortcuts } from '../../ui/use-shortcuts.ts'
import { addFiles } from '../../uploads/queue.ts'
import { DropZone } from './DropZone.tsx'
import { FilesTable } from './FilesTable.tsx'
import type { FolderDialog } from './FolderDialogs.tsx'
import { FolderDialogs } from './FolderDialogs.tsx'
import { FolderTree } from './FolderTree.tsx'
import { ObjectName } from './ObjectName.tsx'
import type { PropertiesTab } from './ObjectProperties.tsx'
import { containerAddress, crumbsOf, lastPart, searchAddress } from './places.ts'
import { RowActions } from './RowActions.tsx'
import type { Row } from './rows.ts'
import { ShortcutHint } from './ShortcutHint.tsx'
import { UploadButton } from './UploadButton.tsx'
import { useFolder } from './use-folder.ts'
import { useReplacement } from './use-replacement.tsx'

/** What is done with all that is selected. */
const BULK = [
  { kind: 'move', text: 'Move' },
  { kind: 'copy', text: 'Copy' },
  { kind: 'throw-away', text: 'Move to trash' },
  { kind: 'delete', text: 'Delete for ever' },
] as const

/** What is done with one thing. */
const BOTH = [
  { id: 'rename', text: 'Rename…' },
  { id: 'move', text: 'Move…' },
  { id: 'copy', text: 'Copy…' },
  { id: 'throw-away', text: 'Move to trash' },
  { id: 'delete', text: 'Delete for ever' },
]
const ACTIONS: Record<Row['kind'], { id: string; text: string }[]> = {
  object: [
    { id: 'properties', text: 'Properties' },
    { id: 'metadata', text: 'Metadata' },
    { id: 'sharing', text: 'Sharing' },
    { id: 'link', text: 'Public link' },
    { id: 'versions', text: 'Versions' },
    { id: 'replace', text: 'Replace content…' },
    { id: 'image', text: 'Register as image' },
    ...BOTH,
  ],
  folder: [{ id: 'sharing', text: 'Sharing' }, ...BOTH],
}

/** A folder of one's own. */
export function Folder({ container, folder, shared }: { container: string; folder: string; shared: boolean }) {
  const view = useFolder({ container }, folder, { shared })
  const [selected, setSelected] = useState<Row[]>([])
  const [dialog, setDialog] = useState<FolderDialog>()
  const navigate = useNavigate()
  const upload = (files: Parameters<typeof addFiles>[2]) => addFiles({ container }, folder, files)

  const { replace, field } = useReplacement({ container })
  const { data: ofFolder } = useQuery(attached({ container }, folder.replace(/\/$/, '')))
  const sharedBy = ofFolder?.sharing && (ofFolder.sharedBy ?? folder.replace(/\/$/, ''))
  const wide = useWide()
  const dragged = useRef<Row[]>([])
  const drop = (to: ObjectPlace) => setDialog({ kind: 'move', rows: dragged.current, to })
  useShortcuts({
    KeyN: () => setDialog({ kind: 'folder' }),
    KeyG: () => void navigate('/groups'),
    KeyU: () => void navigate('/storage#use'),
  })

  const act = (row: Row, action: string) => {
    if (['delete', 'throw-away', 'move', 'copy'].includes(action))
      setDialog({ kind: action as (typeof BULK)[number]['kind'], rows: [row] })
    else if (action === 'replace') replace(row.name)
    else if (action === 'rename') setDialog({ kind: 'rename', row })
    else if (row.kind === 'folder') setDialog({ kind: 'sharing', row })
    else if (action === 'image') setDialog({ kind: 'image', object: row.object })
    else setDialog({ kind: 'properties', row, tab: action as PropertiesTab })
  }

  return (
    <Page
      title={folder === '' ? container : lastPart(folder)}
      crumbs={crumbsOf(container, folder, { shared })}
      actions={
        <>
          <Button iconName="search" onClick={() => void navigate(searchAddress(container))}>
            Search
          </Button>
          <Button onClick={() => setDialog({ kind: 'moment' })}>As it was…</Button>
          <Button onClick={() => setDialog({ kind: 'folder' })}>New folder</Button>
          <UploadButton onFiles={upload} />
        </>
      }
    >
      {shared && (
        <Alert
          type="info"
          action={<Button onClick={() => void navigate(containerAddress(container, folder))}>Show everything</Button>}
        >
          Only what you share is shown here, and what has a public link.
        </Alert>
      )}
      <div className={wide ? 'with-tree' : undefined}>
        {wide && <FolderTree container={container} folder={folder} onDrop={(each, name) => drop({ container: each, name })} />}
        <DropZone onFiles={upload}>
          <FilesTable
            view={view}
            name={(row, detailed) => (
              <ObjectName
                row={row}
                to={containerAddress(container, row.name, { shared })}
                detailed={detailed}
                sharedBy={sharedBy}
                onDrag={() => {
                  dragged.current = selected.some(({ name }) => name === row.name) ? selected : [row]
                }}
                onDrop={() => drop({ container, name: row.name })}
                onOpen={() => row.kind === 'object' && setDialog({ kind: 'properties', row, tab: 'content' })}
              />
            )}
            selection={{
              selected,
              onSelect: setSelected,
              bulk: BULK.map(({ kind, text }) => (
                <Button key={kind} onClick={() => setDialog({ kind, rows: selected })}>
                  {text}
                </Button>
              )),
            }}
            actions={(row) => (
              <RowActions where={{ container }} row={row} items={ACTIONS[row.kind]} onAction={(action) => act(row, action)} />
            )}
            empty={
              <EmptyState icon={Upload} title={folder === '' ? 'This container is empty' : 'This folder is empty'}>
                Drop files or folders here, or choose them with the button above.
              </EmptyState>
            }
          />
        </DropZone>
      </div>
      <ShortcutHint what="a new folder" />
      {field}
      <FolderDialogs
        container={container}
        folder={folder}
        rows={view.rows}
        dialog={dialog}
        onOpen={setDialog}
        onMoment={(at) => void navigate(containerAddress(container, folder, { at }))}
        onDone={() => {
          setSelected([])
          void changed('objects')
        }}
      />
    </Page>
  )
}
