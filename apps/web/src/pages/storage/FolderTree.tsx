import TreeView from '@cloudscape-design/components/tree-view'
import { useQueries, useSuspenseQuery } from '@tanstack/react-query'
import { FolderOpen, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'react-router'
import { TRASH } from '../../cloud/own-containers.ts'
import { containerList } from '../../cloud/queries.ts'
import { DropTarget } from './dragging.tsx'
import { containerAddress } from './places.ts'
import { folderNames } from './Target.tsx'
import { ancestorsOf } from './tree.ts'

interface Node {
  id: string
  container: string
  /** '' or a folder with a slash at the end. */
  folder: string
  label: string
}

interface FolderTreeProps {
  container: string
  folder: string
  onDrop: (container: string, folder: string) => void
}

const nodeOf = (container: string, folder: string, label: string): Node => ({
  id: `${container}/${folder}`,
  container,
  folder,
  label,
})

/** All containers, and the folders in them as far as they are opened; files that are dragged can be dropped here. */
export function FolderTree({ container, folder, onDrop }: FolderTreeProps) {
  const { data: containers } = useSuspenseQuery(containerList)
  const [open, setOpen] = useState<Omit<Node, 'label'>[]>(() => ancestorsOf(folder).map((each) => nodeOf(container, each, '')))
  const children = useQueries({
    queries: open.map((node) => folderNames(node.container, node.folder)),
    combine: (results) =>
      new Map(
        results.map(({ data }, index) => {
          const node = open[index]!
          return [node.id, data?.map(({ name, label }) => nodeOf(node.container, name, label)) ?? []] as const
        }),
      ),
  })
  return (
    <nav className="folder-tree" aria-label="Folders">
      <TreeView<Node>
        ariaLabel="Folders"
        items={containers.map(({ name }) => nodeOf(name, '', name))}
        getItemId={({ id }) => id}
        // Whether there are folders in one is not known before it is opened.
        getItemChildren={({ id }) => children.get(id) ?? [nodeOf(id, '…', '…')]}
        expandedItems={open.map(({ id }) => id)}
        onItemToggle={({ detail: { item, expanded } }) =>
          setOpen(expanded ? [...open, item] : open.filter(({ id }) => id !== item.id))
        }
        renderItem={(node) => {
          const isHere = node.container === container && node.folder === folder
          const link = (
            <Link
              to={containerAddress(node.container, node.folder)}
              aria-current={isHere ? 'page' : undefined}
              className={isHere ? 'folder-tree-here' : undefined}
              draggable={false}
            >
              {node.label}
            </Link>
          )
          const Icon = node.folder === '' && node.container === TRASH ? Trash2 : FolderOpen
          return {
            icon: <Icon size={16} aria-hidden />,
            announcementLabel: node.label,
            content:
              node.container === TRASH ? (
                link
              ) : (
                <DropTarget onDrop={() => onDrop(node.container, node.folder)}>{link}</DropTarget>
              ),
          }
        }}
      />
    </nav>
  )
}
