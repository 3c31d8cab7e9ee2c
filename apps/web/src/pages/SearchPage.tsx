import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import Table from '@cloudscape-design/components/table'
import { useInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query'
import { SearchX } from 'lucide-react'
import { useState } from 'react'
import { Link, useNavigate, useSearchParams } from 'react-router'
import type { Found } from '../cloud/files.ts'
import { findings } from '../cloud/files.ts'
import { TRASH } from '../cloud/own-containers.ts'
import { containerList, objectStore, queryClient } from '../cloud/queries.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { Failure } from '../ui/Failure.tsx'
import { formatBytes } from '../ui/format.ts'
import { Page } from '../ui/Page.tsx'
import { useNarrow, useRoomy } from '../ui/use-narrow.ts'
import { When } from '../ui/When.tsx'
import { FolderPages } from './storage/FolderPages.tsx'
import { ObjectName } from './storage/ObjectName.tsx'
import { ObjectProperties } from './storage/ObjectProperties.tsx'
import { containerAddress, lastPart, searchAddress } from './storage/places.ts'
import { SearchForm } from './storage/SearchForm.tsx'
import { readTerms, writeTerms } from './storage/search-terms.ts'

export const loader = () => queryClient.ensureQueryData(containerList)

/** Files by what is written to them, in one container or in all. */
export default function SearchPage() {
  const [parameters] = useSearchParams()
  const navigate = useNavigate()
  const { data: containers } = useSuspenseQuery(containerList)
  const container = parameters.get('in') ?? undefined
  const meta = parameters.get('meta') ?? ''
  const names = containers.map(({ name }) => name).filter((name) => name !== TRASH)
  return (
    <Page
      title="Search"
      description="Finds your files by their metadata, such as tags."
      crumbs={[
        { text: 'Object storage', to: '/storage' },
        ...(container === undefined ? [] : [{ text: container, to: containerAddress(container) }]),
      ]}
    >
      <SearchForm
        key={`asked ${container} ${meta}`}
        containers={names}
        container={container}
        terms={readTerms(meta)}
        onSearch={(where, terms) => void navigate(searchAddress(where, writeTerms(terms)))}
      />
      {meta !== '' && (
        <Findings key={`found ${container} ${meta}`} containers={container === undefined ? names : [container]} meta={meta} />
      )}
    </Page>
  )
}

function Findings({ containers, meta }: { containers: string[]; meta: string }) {
  const search = useInfiniteQuery(findings(containers, meta))
  const [page, setPage] = useState(1)
  const [open, setOpen] = useState<Found>()
  const narrow = useNarrow()
  const roomy = useRoomy()
  const pages = (search.data?.pages ?? []).map(({ found }) => found)
  const folderOf = ({ container, object }: Found) => {
    const folder = object.name.replace(/[^/]*\/?$/, '')
    return <Link to={containerAddress(container, folder)}>{`${container}/${folder}`}</Link>
  }
  return (
    <>
      <Failure error={search.error} />
      <Table<Found>
        variant="container"
        items={pages[page - 1] ?? []}
        trackBy={({ container, object }) => `${container}/${object.name}`}
        ariaLabels={{ tableLabel: 'Found' }}
        loading={search.isLoading || search.isFetchingNextPage}
        loadingText="Searching"
        header={<Header variant="h2">Found</Header>}
        pagination={<FolderPages listing={search} pages={pages.length} current={page} onChange={setPage} />}
        columnDefinitions={[
          {
            id: 'name',
            header: 'Name',
            isRowHeader: true,
            cell: (found) => (
              <>
                <ObjectName
                  row={{ kind: 'object', name: found.object.name, label: lastPart(found.object.name), object: found.object }}
                  to=""
                  detailed={narrow}
                  onOpen={() => setOpen(found)}
                />
                {!roomy && <span className="small wrapping">{folderOf(found)}</span>}
              </>
            ),
          },
          ...(roomy
            ? [{ id: 'folder', header: 'In', cell: (found: Found) => <span className="wrapping">{folderOf(found)}</span> }]
            : []),
          ...(narrow
            ? []
            : [
                { id: 'size', header: 'Size', cell: ({ object }: Found) => formatBytes(object.bytes) },
                { id: 'changed', header: 'Changed', cell: ({ object }: Found) => <When at={object.last_modified} /> },
              ]),
          {
            id: 'act',
            header: <span className="visually-hidden">Actions</span>,
            cell: ({ container, object }) => (
              <div className="row-actions">
                <Button
                  variant="icon"
                  iconName="download"
                  ariaLabel={`Download ${lastPart(object.name)}`}
                  href={objectStore().downloadUrl(container, object.name)}
                  download={lastPart(object.name)}
                />
              </div>
            ),
          },
        ]}
        empty={
          <EmptyState icon={SearchX} title="Nothing is found">
            No file of yours has such metadata here.
          </EmptyState>
        }
      />
      {open && (
        <ObjectProperties
          where={{ container: open.container }}
          object={open.object}
          tab="metadata"
          onClose={() => setOpen(undefined)}
        />
      )}
    </>
  )
}
