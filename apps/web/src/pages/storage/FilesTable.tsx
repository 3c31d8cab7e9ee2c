import Button from '@cloudscape-design/components/button'
import Cards from '@cloudscape-design/components/cards'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { TableProps } from '@cloudscape-design/components/table'
import Table from '@cloudscape-design/components/table'
import { LayoutGrid, List } from 'lucide-react'
import type { ReactNode } from 'react'
import { changed } from '../../cloud/queries.ts'
import { formatBytes } from '../../ui/format.ts'
import { useNarrow, useRoomy } from '../../ui/use-narrow.ts'
import { When } from '../../ui/When.tsx'
import { FolderPages } from './FolderPages.tsx'
import { OrderChoice } from './OrderChoice.tsx'
import type { OrderKey } from './order.ts'
import type { Row } from './rows.ts'
import type { FolderView } from './use-folder.ts'

export interface FilesTableProps {
  view: FolderView
  title?: string
  /** The name of a row, and what is known of it where there is no room for columns. */
  name: (row: Row, detailed: boolean) => ReactNode
  /** More columns, where there is room. */
  columns?: TableProps.ColumnDefinition<Row>[]
  /** What the column of times is called. */
  changedHeader?: string
  actions: (row: Row) => ReactNode
  selection?: { selected: Row[]; onSelect: (rows: Row[]) => void; bulk: ReactNode }
  empty: ReactNode
}

/** Files and folders, as a list or as cards. */
export function FilesTable(props: FilesTableProps) {
  const { view, title = 'Files', name, columns = [], changedHeader = 'Changed', actions, selection, empty } = props
  const narrow = useNarrow()
  const roomy = useRoomy()
  const { layout, order } = view.view
  const selected = selection?.selected ?? []
  const grid = layout === 'grid'
  const shared = {
    variant: 'container' as const,
    items: view.rows,
    trackBy: 'name' as const,
    loading: view.isReading,
    loadingText: 'Reading the folder',
    empty,
    pagination: <FolderPages listing={view.listing} pages={view.pages} current={view.page} onChange={view.onPage} />,
    header: (
      <Header
        variant="h2"
        counter={selected.length > 0 ? `(${selected.length} selected)` : ''}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            {selected.length > 0 && selection?.bulk}
            {(grid || narrow) && <OrderChoice order={order} onChange={(next) => view.onView({ ...view.view, order: next })} />}
            <Button
              variant="icon"
              iconSvg={grid ? <List aria-hidden /> : <LayoutGrid aria-hidden />}
              ariaLabel={grid ? 'Show as a list' : 'Show as cards'}
              onClick={() => view.onView({ ...view.view, layout: grid ? 'list' : 'grid' })}
            />
            <Button
              variant="icon"
              iconName="refresh"
              ariaLabel="Look again"
              loading={view.isRefetching}
              onClick={() => void changed('objects')}
            />
          </SpaceBetween>
        }
      >
        {title}
      </Header>
    ),
  }
  const selects = selection
    ? {
        selectionType: 'multi' as const,
        selectedItems: selected,
        onSelectionChange: ({ detail }: { detail: { selectedItems: Row[] } }) => selection.onSelect(detail.selectedItems),
      }
    : {}
  const labels = {
    selectionGroupLabel: 'Selection',
    itemSelectionLabel: (_: unknown, row: Row) => `Select ${row.label}`,
  }
  return (
    <>
      {grid ? (
        <Cards<Row>
          {...shared}
          {...selects}
          ariaLabels={labels}
          cardsPerRow={[{ cards: 1 }, { minWidth: 480, cards: 2 }, { minWidth: 760, cards: 3 }, { minWidth: 1020, cards: 4 }]}
          cardDefinition={{
            header: (row) => name(row, true),
            sections: [{ id: 'act', content: (row) => actions(row) }],
          }}
        />
      ) : (
        <Table<Row>
          {...shared}
          {...selects}
          ariaLabels={{ ...labels, allItemsSelectionLabel: () => 'Select all on this page' }}
          sortingColumn={{ sortingField: order.by }}
          sortingDescending={order.descending}
          onSortingChange={({ detail }) =>
            view.onView({
              ...view.view,
              order: { by: detail.sortingColumn.sortingField as OrderKey, descending: detail.isDescending ?? false },
            })
          }
          columnDefinitions={[
            { id: 'name', header: 'Name', isRowHeader: true, sortingField: 'name', cell: (row) => name(row, narrow) },
            ...(narrow ? [] : [...columns, ...wideColumns(changedHeader).filter(({ id }) => roomy || id !== 'type')]),
            {
              id: 'act',
              header: <span className="visually-hidden">Actions</span>,
              cell: (row) => <div className="row-actions">{actions(row)}</div>,
            },
          ]}
        />
      )}
      {view.note && <p className="soft small">{view.note}</p>}
    </>
  )
}

const wideColumns = (changedHeader: string): TableProps.ColumnDefinition<Row>[] => [
  {
    id: 'type',
    header: 'Type',
    sortingField: 'type',
    cell: (row) => <span className="wrapping">{row.kind === 'object' ? row.object.content_type : 'Folder'}</span>,
  },
  {
    id: 'size',
    header: 'Size',
    sortingField: 'size',
    cell: (row) =>
      row.kind === 'object' ? (
        <span title={`${row.object.bytes.toLocaleString()} bytes`}>{formatBytes(row.object.bytes)}</span>
      ) : (
        '–'
      ),
  },
  {
    id: 'changed',
    header: changedHeader,
    sortingField: 'changed',
    cell: (row) => (row.kind === 'object' ? <When at={row.object.last_modified} /> : '–'),
  },
]
