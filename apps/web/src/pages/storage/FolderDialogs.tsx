import Button from '@cloudscape-design/components/button'
import type { ObjectPlace, StoredObject } from '@synnefo/clients/object-store'
import { AsItWas } from './AsItWas.tsx'
import { DeleteForEver } from './DeleteForEver.tsx'
import { FolderSharing } from './FolderSharing.tsx'
import { NewFolder } from './NewFolder.tsx'
import type { PropertiesTab } from './ObjectProperties.tsx'
import { ObjectProperties } from './ObjectProperties.tsx'
import type { FileRow } from './previews.ts'
import { neighboursOf } from './previews.ts'
import { RegisterImage } from './RegisterImage.tsx'
import { Rename } from './Rename.tsx'
import type { Row } from './rows.ts'
import { ThrowAway } from './ThrowAway.tsx'
import { Transfer } from './Transfer.tsx'
import type { Way } from './transfers.ts'

/** What is being done with files of a folder, in a dialog of its own. */
export type FolderDialog =
  | { kind: 'delete' | 'throw-away'; rows: Row[] }
  | { kind: Way; rows: Row[]; to?: ObjectPlace }
  | { kind: 'rename'; row: Row }
  | { kind: 'properties'; row: FileRow; tab: PropertiesTab }
  | { kind: 'image'; object: StoredObject }
  | { kind: 'sharing'; row: Row }
  | { kind: 'folder' | 'moment' }
  | undefined

interface FolderDialogsProps {
  container: string
  folder: string
  /** What is shown now. */
  rows: Row[]
  dialog: FolderDialog
  onOpen: (dialog: FolderDialog) => void
  onMoment: (at: number) => void
  onDone: () => void
}

export function FolderDialogs({ container, folder, rows, dialog, onOpen, onMoment, onDone }: FolderDialogsProps) {
  const onClose = () => onOpen(undefined)
  switch (dialog?.kind) {
    case undefined:
      return null
    case 'folder':
      return <NewFolder where={{ container }} folder={folder} onClose={onClose} />
    case 'moment':
      return <AsItWas onChoose={onMoment} onClose={onClose} />
    case 'sharing':
      return <FolderSharing container={container} row={dialog.row} onClose={onClose} />
    case 'rename':
      return <Rename container={container} folder={folder} row={dialog.row} onClose={onClose} />
    case 'image':
      return <RegisterImage container={container} object={dialog.object} onClose={onClose} />
    case 'delete':
      return <DeleteForEver container={container} rows={dialog.rows} onDone={onDone} onClose={onClose} />
    case 'throw-away':
      return <ThrowAway container={container} rows={dialog.rows} onDone={onDone} onClose={onClose} />
    case 'move':
    case 'copy':
      return (
        <Transfer
          where={{ container }}
          folder={folder}
          to={dialog.to}
          rows={dialog.rows}
          way={dialog.kind}
          onDone={onDone}
          onClose={onClose}
        />
      )
    case 'properties': {
      const { row } = dialog
      return (
        <ObjectProperties
          where={{ container }}
          // An open dialog follows what happens to its object.
          object={rows.find(({ name }) => name === row.name)?.object ?? row.object}
          tab={dialog.tab}
          neighbours={neighboursOf(rows, row.name)}
          onNeighbour={(other) => onOpen({ kind: 'properties', row: other, tab: 'content' })}
          actions={<Button onClick={() => onOpen({ kind: 'throw-away', rows: [row] })}>Move to trash</Button>}
          onClose={onClose}
        />
      )
    }
  }
}
