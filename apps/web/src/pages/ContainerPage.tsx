import Button from '@cloudscape-design/components/button'
import ButtonDropdown from '@cloudscape-design/components/button-dropdown'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import type { StoredObject } from '@synnefo/clients/object-store'
import { useSuspenseInfiniteQuery } from '@tanstack/react-query'
import { Upload } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { LoaderFunctionArgs } from 'react-router'
import { useNavigate, useParams, useSearchParams } from 'react-router'
import { changed, FOLDER_PAGE, folder as folderQuery, objectStore, queryClient } from '../cloud/queries.ts'
import { Confirm } from '../ui/Confirm.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { count, formatBytes } from '../ui/format.ts'
import { Page } from '../ui/Page.tsx'
import { useNarrow } from '../ui/use-narrow.ts'
import { When } from '../ui/When.tsx'
import { addFiles } from '../uploads/queue.ts'
import { AsItWas } from './storage/AsItWas.tsx'
import { DropZone } from './storage/DropZone.tsx'
import { FolderPages } from './storage/FolderPages.tsx'
import { FolderSharing } from './storage/FolderSharing.tsx'
import { NewFolder } from './storage/NewFolder.tsx'
import { ObjectName } from './storage/ObjectName.tsx'
import type { PropertiesTab } from './storage/ObjectProperties.tsx'
import { ObjectProperties } from './storage/ObjectProperties.tsx'
import { PastFolder } from './storage/PastFolder.tsx'
import { containerAddress, crumbsOf, lastPart, shownAt } from './storage/places.ts'
import { RegisterImage } from './storage/RegisterImage.tsx'
import { Rename } from './storage/Rename.tsx'
import type { Row } from './storage/rows.ts'
import { rowsOf } from './storage/rows.ts'
import { Transfer } from './storage/Transfer.tsx'
import type { Way } from './storage/transfers.ts'
import { UploadButton } from './storage/UploadButton.tsx'

export const loader = async ({ params, request }: LoaderFunctionArgs) => {
  const container = params['container']!
  const { folder, at } = shownAt(new URL(request.url).searchParams)
  // The container may not have been there then: the page of that moment says so itself.
  if (at !== undefined) await queryClient.prefetchInfiniteQuery(folderQuery(container, folder, at))
  else await queryClient.ensureInfiniteQueryData(folderQuery(container, folder))
  return null
}

/** What is being done with objects, in a dialog of its own. */
type Dialog =
  | { kind: 'delete' | Way; rows: Row[] }
  | { kind: 'rename'; row: Row }
  | { kind: 'properties'; object: StoredObject; tab: PropertiesTab }
  | { kind: 'image'; object: StoredObject }
  | { kind: 'sharing'; row: Row }
  | { kind: 'folder' | 'moment' }
  | undefined

/** What is done with all that is selected. */
const BULK = [
  { kind: 'move', text: 'Move' },
  { kind: 'copy', text: 'Copy' },
  { kind: 'delete', text: 'Delete' },
] as const

export default function ContainerPage() {
  const container = useParams()['container']!
  const { folder, at } = shownAt(useSearchParams()[0])
  // Another folder is another page: nothing selected or open is carried along.
  if (at !== undefined) return <PastFolder key={`${container}/${folder}@${at}`} container={container} folder={folder} at={at} />
  return <Folder key={`${container}/${folder}`} container={container} folder={folder} />
}

function Folder({ container, folder }: { container: string; folder: string }) {
  const listing = useSuspenseInfiniteQuery(folderQuery(container, folder))
  const [pageNumber, setPageNumber] = useState(1)
  const [selected, setSelected] = useState<Row[]>([])
  const [dialog, setDialog] = useState<Dialog>()
  const narrow = useNarrow()
  const close = () => setDialog(undefined)

  const pages = rowsOf(listing.data.pages, folder)
  const rows = pages[pageNumber - 1] ?? []
  useEffect(() => {
    // Deleting may leave fewer pages than before.
    if (pageNumber > pages.length) setPageNumber(Math.max(1, pages.length))
  }, [pageNumber, pages.length])

  const upload = (files: Parameters<typeof addFiles>[2]) => addFiles(container, folder, files)
  const title = folder === '' ? container : lastPart(folder)
  const store = objectStore()
  const navigate = useNavigate()
  /** An open dialog follows what happens to its object. */
  const present = (object: StoredObject) => rows.find(({ name }) => name === object.name)?.object ?? object

  const act = (row: Row, action: string) => {
    if (action === 'delete') setDialog({ kind: 'delete', rows: [row] })
    else if (action === 'move' || action === 'copy') setDialog({ kind: action, rows: [row] })
    else if (action === 'rename') setDialog({ kind: 'rename', row })
    else if (row.kind === 'folder') setDialog({ kind: 'sharing', row })
    else if (action === 'image') setDialog({ kind: 'image', object: row.object })
    else setDialog({ kind: 'properties', object: row.object, tab: action as PropertiesTab })
  }

  return (
    <Page
      title={title}
      crumbs={crumbsOf(container, folder)}
      actions={
        <>
          <Button onClick={() => setDialog({ kind: 'moment' })}>As it was…</Button>
          <Button onClick={() => setDialog({ kind: 'folder' })}>New folder</Button>
          <UploadButton onFiles={upload} />
        </>
      }
    >
      <DropZone onFiles={upload}>
        <Table<Row>
          variant="container"
          items={rows}
          trackBy="name"
          selectionType="multi"
          selectedItems={selected}
          onSelectionChange={({ detail }) => setSelected(detail.selectedItems)}
          ariaLabels={{
            selectionGroupLabel: 'Selection',
            allItemsSelectionLabel: () => 'Select all on this page',
            itemSelectionLabel: (_, row) => `Select ${row.label}`,
          }}
          header={
            <Header
              variant="h2"
              counter={selected.length > 0 ? `(${selected.length} selected)` : ''}
              actions={
                <SpaceBetween direction="horizontal" size="xs">
                  {selected.length > 0 &&
                    BULK.map(({ kind, text }) => (
                      <Button key={kind} onClick={() => setDialog({ kind, rows: selected })}>
                        {text}
                      </Button>
                    ))}
                  <Button
                    iconName="refresh"
                    ariaLabel="Look again"
                    loading={listing.isRefetching}
                    onClick={() => void changed('objects')}
                  />
                </SpaceBetween>
              }
            >
              Files
            </Header>
          }
          pagination={<FolderPages listing={listing} pages={pages.length} current={pageNumber} onChange={setPageNumber} />}
          loading={listing.isFetchingNextPage}
          loadingText="Reading the next page"
          columnDefinitions={[
            {
              id: 'name',
              header: 'Name',
              isRowHeader: true,
              cell: (row) => (
                <ObjectName
                  row={row}
                  container={container}
                  detailed={narrow}
                  onOpen={(object) => setDialog({ kind: 'properties', object, tab: 'properties' })}
                />
              ),
            },
            ...(narrow
              ? []
              : [
                  {
                    id: 'size',
                    header: 'Size',
                    cell: (row: Row) =>
                      row.kind === 'object' ? (
                        <span title={`${row.object.bytes.toLocaleString()} bytes`}>{formatBytes(row.object.bytes)}</span>
                      ) : (
                        '–'
                      ),
                  },
                  {
                    id: 'modified',
                    header: 'Changed',
                    cell: (row: Row) => (row.kind === 'object' ? <When at={row.object.last_modified} /> : '–'),
                  },
                ]),
            {
              id: 'act',
              header: <span className="visually-hidden">Actions</span>,
              cell: (row) => (
                <div className="row-actions">
                  <Button
                    variant="icon"
                    iconName="download"
                    ariaLabel={row.kind === 'folder' ? `Download ${row.label} as a ZIP archive` : `Download ${row.label}`}
                    href={
                      row.kind === 'folder'
                        ? store.archiveUrl(container, row.name.replace(/\/$/, ''), 'zip')
                        : store.downloadUrl(container, row.name)
                    }
                    download={row.kind === 'folder' ? `${row.label}.zip` : row.label}
                  />
                  <ButtonDropdown
                    variant="icon"
                    expandToViewport
                    ariaLabel={`What to do with ${row.label}`}
                    items={[
                      ...(row.kind === 'object'
                        ? [
                            { id: 'properties', text: 'Properties' },
                            { id: 'sharing', text: 'Sharing' },
                            { id: 'link', text: 'Public link' },
                            { id: 'versions', text: 'Versions' },
                            { id: 'image', text: 'Register as image' },
                          ]
                        : [{ id: 'sharing', text: 'Sharing' }]),
                      { id: 'rename', text: 'Rename…' },
                      { id: 'move', text: 'Move…' },
                      { id: 'copy', text: 'Copy…' },
                      { id: 'delete', text: 'Delete' },
                    ]}
                    onItemClick={({ detail }) => act(row, detail.id)}
                  />
                </div>
              ),
            },
          ]}
          empty={
            <EmptyState icon={Upload} title={folder === '' ? 'This container is empty' : 'This folder is empty'}>
              Drop files or folders here, or choose them with the button above.
            </EmptyState>
          }
        />
      </DropZone>
      {listing.hasNextPage && <p className="soft small">Pages of {FOLDER_PAGE}, read as you go.</p>}

      {dialog?.kind === 'folder' && <NewFolder container={container} folder={folder} onClose={close} />}
      {dialog?.kind === 'moment' && (
        <AsItWas onChoose={(at) => void navigate(containerAddress(container, folder, at))} onClose={close} />
      )}
      {dialog?.kind === 'properties' && (
        <ObjectProperties container={container} object={present(dialog.object)} tab={dialog.tab} onClose={close} />
      )}
      {dialog?.kind === 'sharing' && <FolderSharing container={container} row={dialog.row} onClose={close} />}
      {(dialog?.kind === 'move' || dialog?.kind === 'copy') && (
        <Transfer
          container={container}
          folder={folder}
          rows={dialog.rows}
          way={dialog.kind}
          onDone={() => setSelected([])}
          onClose={close}
        />
      )}
      {dialog?.kind === 'rename' && <Rename container={container} folder={folder} row={dialog.row} onClose={close} />}
      {dialog?.kind === 'image' && <RegisterImage container={container} object={dialog.object} onClose={close} />}
      {dialog?.kind === 'delete' && (
        <Confirm
          title={dialog.rows.length === 1 ? `Delete “${dialog.rows[0]?.label}”?` : `Delete ${count(dialog.rows.length, 'item')}?`}
          act="Delete"
          onConfirm={async () => {
            for (const { kind, name } of dialog.rows) {
              if (kind === 'folder') await store.deleteFolder(container, name.replace(/\/$/, ''))
              else await store.deleteObject(container, name)
            }
          }}
          onDone={() => {
            setSelected([])
            void changed('objects')
          }}
          onClose={() => {
            close()
            void changed('objects')
          }}
        >
          {dialog.rows.some(({ kind }) => kind === 'folder') ? 'Folders are deleted with everything in them. ' : ''}
          Servers made from an image among these go on working.
        </Confirm>
      )}
    </Page>
  )
}
