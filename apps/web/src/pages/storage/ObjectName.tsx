import type { StoredObject } from '@synnefo/clients/object-store'
import type { LucideIcon } from 'lucide-react'
import { Disc3, File, FileArchive, FileImage, FileText, FileVideo, Folder } from 'lucide-react'
import { Link } from 'react-router'
import { formatBytes } from '../../ui/format.ts'
import { When } from '../../ui/When.tsx'
import { containerAddress } from './places.ts'
import type { Row } from './rows.ts'
import './storage.css'

interface ObjectNameProps {
  row: Row
  container: string
  /** Where there is no room for columns. */
  detailed: boolean
  onOpen: (object: StoredObject) => void
}

export function ObjectName({ row, container, detailed, onOpen }: ObjectNameProps) {
  if (row.kind === 'folder') {
    return (
      <span className="object-name">
        <Folder size={18} aria-hidden className="object-folder" />
        <Link to={containerAddress(container, row.name)}>{row.label}</Link>
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
        {detailed && (
          <span className="soft small object-detail">
            {formatBytes(row.object.bytes)} · <When at={row.object.last_modified} distance />
          </span>
        )}
      </span>
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
