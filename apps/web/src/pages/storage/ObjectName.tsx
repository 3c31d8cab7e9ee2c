import type { StoredObject } from '@synnefo/clients/object-store'
import type { LucideIcon } from 'lucide-react'
import { Disc3, File, FileArchive, FileImage, FileText, FileVideo, Folder, Link2, Users } from 'lucide-react'
import { Link } from 'react-router'
import { formatBytes } from '../../ui/format.ts'
import { When } from '../../ui/When.tsx'
import type { Row } from './rows.ts'
import './storage.css'

interface ObjectNameProps {
  row: Row
  /** Where a folder is shown. */
  to: string
  /** Where there is no room for columns. */
  detailed: boolean
  onOpen: (object: StoredObject) => void
}

export function ObjectName({ row, to, detailed, onOpen }: ObjectNameProps) {
  if (row.kind === 'folder') {
    return (
      <span className="object-name">
        <Folder size={18} aria-hidden className="object-folder" />
        <span>
          <Link to={to}>{row.label}</Link>
          <Marks object={row.object} />
        </span>
      </span>
    )
  }
  const Icon = iconOf(row.object)
  return (
    <span className="object-name">
      <Icon size={18} aria-hidden />
      <span>
        <button type="button" className="link-button" onClick={() => onOpen(row.object)}>
          {row.label}
        </button>
        <Marks object={row.object} />
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
function Marks({ object }: { object: StoredObject | undefined }) {
  return (
    <>
      {object?.x_object_sharing && <Mark icon={Users} label="Shared" />}
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
