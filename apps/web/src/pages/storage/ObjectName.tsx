import type { StoredObject } from '@synnefo/clients/object-store'
import type { LucideIcon } from 'lucide-react'
import { Disc3, File, FileArchive, FileImage, FileText, FileVideo, Folder, FolderSymlink, Link2, Users } from 'lucide-react'
import { Link } from 'react-router'
import { formatBytes } from '../../ui/format.ts'
import { When } from '../../ui/When.tsx'
import { DropTarget, draggedBy } from './dragging.tsx'
import type { Row } from './rows.ts'
import './storage.css'

interface ObjectNameProps {
  row: Row
  /** Where a folder is shown. */
  to: string
  /** Where there is no room for columns. */
  detailed: boolean
  /** The folder through which it is shared, if it is. */
  sharedBy?: string | undefined
  onOpen: (object: StoredObject) => void
  /** For what can be dragged; what is dragged can be dropped on folders. */
  onDrag?: () => void
  onDrop?: () => void
}

export function ObjectName({ row, to, detailed, sharedBy, onOpen, onDrag, onDrop }: ObjectNameProps) {
  const drag = onDrag ? draggedBy(onDrag) : {}
  const marks = <Marks object={row.object} sharedBy={sharedBy} />
  if (row.kind === 'folder') {
    const link = (
      <Link to={to} draggable={false}>
        {row.label}
      </Link>
    )
    return (
      <span className="object-name" {...drag}>
        <Folder size={18} aria-hidden className="object-folder" />
        <span>
          {onDrop ? <DropTarget onDrop={onDrop}>{link}</DropTarget> : link}
          {marks}
        </span>
      </span>
    )
  }
  const Icon = iconOf(row.object)
  return (
    <span className="object-name" {...drag}>
      <Icon size={18} aria-hidden />
      <span>
        <button type="button" className="link-button" onClick={() => onOpen(row.object)}>
          {row.label}
        </button>
        {marks}
        {detailed && (
          <span className="soft small object-detail">
            {formatBytes(row.object.bytes)} · <When at={row.object.last_modified} distance />
          </span>
        )}
      </span>
    </span>
  )
}

/** What others can do with it, at a glance. */
function Marks({ object, sharedBy }: { object: StoredObject | undefined; sharedBy: string | undefined }) {
  return (
    <>
      {object?.x_object_sharing ? (
        <Mark icon={Users} label="Shared" />
      ) : (
        sharedBy !== undefined && <Mark icon={FolderSymlink} label={`Shared through the folder ${sharedBy}`} />
      )}
      {object?.x_object_public && <Mark icon={Link2} label="Has a public link" />}
    </>
  )
}

function Mark({ icon: Icon, label }: { icon: LucideIcon; label: string }) {
  return (
    <span className="object-mark" title={label} role="img" aria-label={label}>
      <Icon size={14} aria-hidden />
    </span>
  )
}

const BY_NAME: [RegExp, LucideIcon][] = [
  [/\.(diskdump|extdump|ntfsdump|qcow2|img|iso|raw)$/i, Disc3],
  [/\.(zip|tar|gz|tgz|xz|zst|bz2|7z)$/i, FileArchive],
]
const BY_TYPE: [RegExp, LucideIcon][] = [
  [/^image\//, FileImage],
  [/^video\//, FileVideo],
  [/^text\/|pdf|json|xml/, FileText],
]

function iconOf({ name, content_type }: StoredObject): LucideIcon {
  const known = BY_NAME.find(([pattern]) => pattern.test(name)) ?? BY_TYPE.find(([pattern]) => pattern.test(content_type))
  return known?.[1] ?? File
}
