import Button from '@cloudscape-design/components/button'
import ButtonDropdown from '@cloudscape-design/components/button-dropdown'
import Cards from '@cloudscape-design/components/cards'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { TableProps } from '@cloudscape-design/components/table'
import Table from '@cloudscape-design/components/table'
import type { Container } from '@synnefo/clients/object-store'
import { FolderOpen, LayoutGrid, List, Trash2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { useState } from 'react'
import { Link } from 'react-router'
import { TRASH } from '../../cloud/own-containers.ts'
import { changed } from '../../cloud/queries.ts'
import { count, formatBytes } from '../../ui/format.ts'
import { useNarrow } from '../../ui/use-narrow.ts'
import { When } from '../../ui/When.tsx'
import { keepView, recallView } from './order.ts'
import { containerAddress } from './places.ts'
import './storage.css'

export type ContainerAction = 'settings' | 'empty' | 'delete'

interface ContainersTableProps {
  containers: Container[]
  onAct: (action: ContainerAction, container: Container) => void
  empty: ReactNode
}

type Sorting = { by: keyof typeof COMPARE; descending: boolean }

const COMPARE = {
  name: (a: Container, b: Container) => a.name.localeCompare(b.name, undefined, { numeric: true }),
  count: (a: Container, b: Container) => a.count - b.count,
  bytes: (a: Container, b: Container) => a.bytes - b.bytes,
  changed: (a: Container, b: Container) => Date.parse(a.last_modified) - Date.parse(b.last_modified),
}

/** One's own containers, as a list or as cards. */
export function ContainersTable({ containers, onAct, empty }: ContainersTableProps) {
  const [view, setView] = useState(recallView)
  const [{ by, descending }, setSorting] = useState<Sorting>({ by: 'name', descending: false })
  const narrow = useNarrow()
  const grid = view.layout === 'grid'
  const sorted = containers.toSorted((a, b) => (descending ? -1 : 1) * COMPARE[by](a, b) || COMPARE.name(a, b))
  const change = (layout: 'list' | 'grid') => {
    const next = { ...view, layout }
    setView(next)
    keepView(next)
  }
  const shared = {
    variant: 'container' as const,
    items: sorted,
    trackBy: 'name' as const,
    empty,
    header: (
      <Header
        variant="h2"
        counter={`(${containers.length})`}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button
              variant="icon"
              iconSvg={grid ? <List aria-hidden /> : <LayoutGrid aria-hidden />}
              ariaLabel={grid ? 'Show as a list' : 'Show as cards'}
              onClick={() => change(grid ? 'list' : 'grid')}
            />
            <Button variant="icon" iconName="refresh" ariaLabel="Look again" onClick={() => void changed('objects')} />
          </SpaceBetween>
        }
      >
        Containers
      </Header>
    ),
  }
  const actions = (container: Container) => (
    <div className="row-actions">
      <ButtonDropdown
        variant="icon"
        expandToViewport
        ariaLabel={`What to do with ${container.name}`}
        items={[
          { id: 'settings', text: 'Settings…' },
          { id: 'empty', text: 'Empty…', disabled: container.count === 0, disabledReason: 'Nothing is in it' },
          ...(container.name === TRASH ? [] : [{ id: 'delete', text: 'Delete…' }]),
        ]}
        onItemClick={({ detail }) => onAct(detail.id as ContainerAction, container)}
      />
    </div>
  )
  if (grid)
    return (
      <Cards<Container>
        {...shared}
        cardsPerRow={[{ cards: 1 }, { minWidth: 480, cards: 2 }, { minWidth: 760, cards: 3 }]}
        cardDefinition={{
          header: (container) => <ContainerName container={container} detailed />,
          sections: [{ id: 'act', content: actions }],
        }}
      />
    )
  return (
    <Table<Container>
      {...shared}
      sortingColumn={{ sortingField: by }}
      sortingDescending={descending}
      onSortingChange={({ detail }) =>
        setSorting({ by: detail.sortingColumn.sortingField as Sorting['by'], descending: detail.isDescending ?? false })
      }
      columnDefinitions={[
        {
          id: 'name',
          header: 'Name',
          isRowHeader: true,
          sortingField: 'name',
          cell: (container) => <ContainerName container={container} detailed={narrow} />,
        },
        ...(narrow ? [] : WIDE),
        { id: 'act', header: <span className="visually-hidden">Actions</span>, cell: actions },
      ]}
    />
  )
}

const WIDE: TableProps.ColumnDefinition<Container>[] = [
  { id: 'count', header: 'Objects', sortingField: 'count', cell: (container) => container.count.toLocaleString() },
  { id: 'bytes', header: 'Size', sortingField: 'bytes', cell: ({ bytes }) => formatBytes(bytes) },
  {
    id: 'changed',
    header: 'Changed',
    sortingField: 'changed',
    cell: (container) => <When at={container.last_modified} />,
  },
]

function ContainerName({ container: { name, count: objects, bytes }, detailed }: { container: Container; detailed: boolean }) {
  const Icon = name === TRASH ? Trash2 : FolderOpen
  return (
    <span className="object-name">
      <Icon size={18} aria-hidden />
      <span>
        <Link to={containerAddress(name)}>{name}</Link>
        {detailed && (
          <span className="soft small object-detail">
            {count(objects, 'object')}, {formatBytes(bytes)}
          </span>
        )}
      </span>
    </span>
  )
}
