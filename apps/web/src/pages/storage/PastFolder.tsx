import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import { useInfiniteQuery } from '@tanstack/react-query'
import { File, Folder, History } from 'lucide-react'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { folder as folderQuery } from '../../cloud/files.ts'
import { objectStore } from '../../cloud/queries.ts'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { formatBytes, formatTime } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { useNarrow } from '../../ui/use-narrow.ts'
import { When } from '../../ui/When.tsx'
import { AsItWas } from './AsItWas.tsx'
import { FolderPages } from './FolderPages.tsx'
import { containerAddress, crumbsOf, lastPart } from './places.ts'
import { Restore } from './Restore.tsx'
import type { Row } from './rows.ts'
import { rowsOf } from './rows.ts'

/** A folder as it was at a moment: to look at, to download from, and to bring back. */
export function PastFolder({ container, folder, at }: { container: string; folder: string; at: number }) {
  const navigate = useNavigate()
  const narrow = useNarrow()
  const listing = useInfiniteQuery(folderQuery({ container }, folder, { until: at }))
  const [pageNumber, setPageNumber] = useState(1)
  const [dialog, setDialog] = useState<{ kind: 'moment' } | { kind: 'restore'; place: string }>()
  const pages = rowsOf(listing.data?.pages ?? [], folder)
  const title = folder === '' ? container : lastPart(folder)
  const close = () => setDialog(undefined)
  const changedAt = (row: Row) =>
    row.object ? <When at={new Date(Number(row.object.x_object_version_timestamp) * 1_000)} /> : '–'
  return (
    <Page
      title={title}
      crumbs={crumbsOf(container, folder, { at })}
      actions={
        <>
          <Button onClick={() => setDialog({ kind: 'moment' })}>Another moment</Button>
          <Button
            variant="primary"
            disabled={listing.data === undefined}
            onClick={() => setDialog({ kind: 'restore', place: folder })}
          >
            {folder === '' ? 'Restore everything' : 'Restore this folder'}
          </Button>
        </>
      }
    >
      <SpaceBetween size="m">
        <Alert
          type="info"
          action={<Button onClick={() => void navigate(containerAddress(container, folder))}>Back to now</Button>}
        >
          As it was on <strong>{formatTime(new Date(at * 1_000))}</strong>. Nothing here changes unless it is restored.
        </Alert>
        <Failure error={listing.error} what="This cannot be shown" />
        <Table<Row>
          variant="container"
          items={pages[pageNumber - 1] ?? []}
          trackBy="name"
          header={<Header variant="h2">Files</Header>}
          loading={listing.isLoading || listing.isFetchingNextPage}
          loadingText="Reading what was there"
          pagination={<FolderPages listing={listing} pages={pages.length} current={pageNumber} onChange={setPageNumber} />}
          columnDefinitions={[
            {
              id: 'name',
              header: 'Name',
              isRowHeader: true,
              cell: (row) => (
                <span className="object-name">
                  {row.kind === 'folder' ? (
                    <>
                      <Folder size={18} aria-hidden className="object-folder" />
                      <Link to={containerAddress(container, row.name, { at })}>{row.label}</Link>
                    </>
                  ) : (
                    <>
                      <File size={18} aria-hidden />
                      <span>
                        {row.label}
                        {narrow && (
                          <span className="soft small object-detail">
                            {formatBytes(row.object.bytes)} · {changedAt(row)}
                          </span>
                        )}
                      </span>
                    </>
                  )}
                </span>
              ),
            },
            ...(narrow
              ? []
              : [
                  {
                    id: 'size',
                    header: 'Size',
                    cell: (row: Row) => (row.kind === 'object' ? formatBytes(row.object.bytes) : '–'),
                  },
                  { id: 'modified', header: 'Changed', cell: changedAt },
                ]),
            {
              id: 'act',
              header: <span className="visually-hidden">Actions</span>,
              cell: (row) => (
                <div className="row-actions">
                  {row.kind === 'object' && (
                    <Button
                      variant="icon"
                      iconName="download"
                      ariaLabel={`Download ${row.label}`}
                      href={objectStore().downloadUrl(container, row.name, row.object.x_object_version)}
                      download={row.label}
                    />
                  )}
                  <Button
                    {...(narrow ? { variant: 'icon', iconName: 'undo' } : { variant: 'inline-link' })}
                    ariaLabel={`Restore ${row.label}`}
                    onClick={() => setDialog({ kind: 'restore', place: row.name })}
                  >
                    Restore
                  </Button>
                </div>
              ),
            },
          ]}
          empty={
            <EmptyState icon={History} title="Nothing was here then">
              Choose another moment, or go back to now.
            </EmptyState>
          }
        />
      </SpaceBetween>
      {dialog?.kind === 'moment' && (
        <AsItWas
          at={at}
          onChoose={(moment) => {
            close()
            void navigate(containerAddress(container, folder, { at: moment }))
          }}
          onClose={close}
        />
      )}
      {dialog?.kind === 'restore' && (
        <Restore container={container} place={dialog.place} at={at} folder={folder} onClose={close} />
      )}
    </Page>
  )
}
