import Button from '@cloudscape-design/components/button'
import Pagination from '@cloudscape-design/components/pagination'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import Table from '@cloudscape-design/components/table'
import type { Version } from '@synnefo/clients/object-store'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Where } from '../../cloud/files.ts'
import { versionHeaders, versionList } from '../../cloud/files.ts'
import { changed, objectStore } from '../../cloud/queries.ts'
import { Failure } from '../../ui/Failure.tsx'
import { formatBytes } from '../../ui/format.ts'
import { useNarrow } from '../../ui/use-narrow.ts'
import { When } from '../../ui/When.tsx'
import { lastPart } from './places.ts'

const PAGE = 10

/** Everything a file ever was, newest first. Bringing back a version makes a new one, so nothing is lost by it. */
export function Versions({ where, name, mayRestore }: { where: Where; name: string; mayRestore: boolean }) {
  const { container, account } = where
  const { data, error } = useQuery(versionList(where, name))
  const [page, setPage] = useState(1)
  const narrow = useNarrow()
  const restore = useMutation({
    mutationFn: (version: number) => objectStore(account).restoreVersion(container, name, version),
    onSuccess: () => setPage(1),
    onSettled: () => changed('objects'),
  })
  if (error) return <Failure error={error} />
  if (data === undefined) return <Spinner />
  const versions = data.toReversed()
  const current = versions[0]?.id
  return (
    <SpaceBetween size="s">
      <Failure error={restore.error} onDismiss={restore.reset} />
      <Table<Version>
        variant="embedded"
        items={versions.slice((page - 1) * PAGE, page * PAGE)}
        trackBy={({ id }) => String(id)}
        ariaLabels={{ tableLabel: 'Versions' }}
        pagination={
          versions.length > PAGE && (
            <Pagination
              currentPageIndex={page}
              pagesCount={Math.ceil(versions.length / PAGE)}
              onChange={({ detail }) => setPage(detail.currentPageIndex)}
            />
          )
        }
        columnDefinitions={[
          {
            id: 'version',
            header: 'Version',
            isRowHeader: true,
            cell: ({ id, timestamp }) => (
              <>
                {id}
                {id === current && <span className="soft"> (current)</span>}
                {narrow && (
                  <span className="soft small object-detail">
                    <When at={new Date(timestamp * 1_000)} />, <Size where={where} name={name} version={id} />
                  </span>
                )}
              </>
            ),
          },
          ...(narrow
            ? []
            : [
                { id: 'date', header: 'Date', cell: ({ timestamp }: Version) => <When at={new Date(timestamp * 1_000)} /> },
                {
                  id: 'size',
                  header: 'Size',
                  cell: ({ id }: Version) => <Size where={where} name={name} version={id} />,
                },
              ]),
          {
            id: 'act',
            header: <span className="visually-hidden">Actions</span>,
            cell: ({ id }) => (
              <div className="row-actions">
                <Button
                  iconName="download"
                  variant="icon"
                  ariaLabel={`Download version ${id}`}
                  href={objectStore(account).downloadUrl(container, name, id)}
                  download={lastPart(name)}
                />
                {mayRestore && id !== current && (
                  <Button
                    {...(narrow ? { variant: 'icon', iconName: 'undo' } : { variant: 'inline-link' })}
                    ariaLabel={`Restore version ${id}`}
                    loading={restore.isPending && restore.variables === id}
                    disabled={restore.isPending}
                    onClick={() => restore.mutate(id)}
                  >
                    Restore
                  </Button>
                )}
              </div>
            ),
          },
        ]}
      />
      {mayRestore && <p className="soft small">What is restored becomes a new version; the present one stays in this list.</p>}
    </SpaceBetween>
  )
}

function Size({ where, name, version }: { where: Where; name: string; version: number }) {
  const { data: headers } = useQuery(versionHeaders(where, name, version))
  const length = headers?.get('content-length')
  return <>{length === null || length === undefined ? '…' : formatBytes(Number(length))}</>
}
